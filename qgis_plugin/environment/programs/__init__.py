"""Small programs that other Pythons than that of QGIS run, each by its path.

They import the standard library and nothing of the plugin, and speak JSON on standard output.
"""

from __future__ import annotations

from pathlib import Path


def program(name: str) -> str:
    """The path of a program of this folder, as an argument of an interpreter."""
    return str(Path(__file__).with_name(f"{name}.py"))
