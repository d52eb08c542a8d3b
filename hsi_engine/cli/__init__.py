"""The command ``hsi``: every operation as a command, and a few commands about the engine itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..operations.catalogue import Catalogue


def main(arguments: Sequence[str] | None = None, *, catalogue: Catalogue | None = None) -> int:
    """Run ``hsi`` and return its exit code.

    Parameters
    ----------
    arguments : the words after ``hsi``; those of the process if None.
    catalogue : the operations on offer; those of the engine if None.
    """
    from ..entrypoints.compiled_modules import keep_whole_modules

    keep_whole_modules()
    # Here, so that the entry point can be found and imported without loading the command line.
    from .program import run_program

    return run_program(arguments, catalogue)
