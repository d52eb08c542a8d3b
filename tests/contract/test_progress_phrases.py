"""What a progress bar says is a phrase: "Reading spectra", and not a word that leaves open what is done."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _phases() -> Iterator[tuple[str, str]]:
    """Place and phase of each message that the engine writes down where it reports progress."""
    for path in sorted((ROOT / "hsi_engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "progress" and len(node.args) == 2:
                text = _beginning(node.args[1])
                if text is not None:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text.partition(":")[0].strip()


def _beginning(message: ast.expr) -> str | None:
    """The message, with "…" for what is filled in; None where it is handed on."""
    if isinstance(message, ast.Constant):
        return str(message.value)
    if isinstance(message, ast.JoinedStr) and isinstance(message.values[0], ast.Constant):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in message.values)
    return None


def test_each_phase_is_a_phrase() -> None:
    phases = dict(_phases())
    assert len(phases) > 20, "the messages are no longer found"
    assert [place for place, phase in phases.items() if " " not in phase and phase != "Done"] == []
