"""What the options page shows about the engine, in rows of a title and text."""

from __future__ import annotations

from ..environment.records.location import Location
from ..environment.records.state import EngineState
from ..translation import tr

_STATES = {
    "ready": "Ready",
    "missing": "Not set up",
    "interrupted": "Set-up not finished",
    "outdated": "Needs newer packages",
    "broken": "Does not work",
}


def headline(state: EngineState) -> str:
    """The state in two or three words."""
    return tr(_STATES[state.kind])


def fact_rows(state: EngineState, location: Location, plugin_version: str) -> list[tuple[str, str]]:
    """Versions, devices and places, as far as they are known."""
    record = state.record
    chosen = {
        "variable": tr("the variable HSI_ENGINE_PYTHON"),
        "setting": tr("you (an existing Python)"),
        "managed": tr("the plugin (a separate environment)"),
    }
    rows = [(tr("Engine"), plugin_version), (tr("Folder"), str(location.folder))]
    if state.python is not None:
        rows += [(tr("Python"), str(state.python)), (tr("Chosen by"), chosen[state.source])]
    if record:
        torch = record["packages"].get("torch", tr("unknown"))
        rows += [
            (tr("Versions"), f"Python {record['python_version']}, PyTorch {torch}"),
            (tr("Devices"), ", ".join(record["devices"])),
            (tr("Checked"), record["time"].replace("T", " ").partition("+")[0] + " UTC"),
        ]
    return rows
