"""What the workers of a cluster have to know of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

TOPIC = "hsi-engine"
"""Of the events by which workers say that they begin a scene."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The same for each scene of a run.

    Parameters
    ----------
    run : a name that no other run has.
    version : of the engine.
    folder : from which paths count; None if all are absolute.
    model, model_sha256 : the file of the model, and its content.
    output : the output folder.
    token : name of a file in it.
    scenes : some of those that the process of the run sees.
    device : as the parameter names it.
    threads : of torch in each process, by the name of the machine.
    log : beginning of the names of files, in the output folder, for what libraries print.
    """

    run: str
    version: str
    folder: str | None
    model: str
    model_sha256: str
    output: str
    token: str
    scenes: tuple[str, ...]
    device: str
    threads: dict[str, int]
    log: str

    def to_json(self) -> dict[str, Any]:
        """For :class:`Setup` again, on a worker."""
        return asdict(self)
