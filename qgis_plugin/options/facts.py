"""What the options page says about the engine, in rows of a title and a text."""

from __future__ import annotations

from ..environment.location import Location
from ..environment.state import EngineState
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
    """Versions, devices and places; a dash where nothing is known."""
    record = state.record
    packages = record.get("packages", {})
    torch = f"{packages['torch']} ({record['torch_build']})" if "torch" in packages else "–"
    chosen = {
        "variable": tr("the variable HSI_ENGINE_PYTHON"),
        "setting": tr("you (an existing Python)"),
        "managed": tr("the plugin (an environment of its own)"),
    }
    return [
        (tr("Engine"), plugin_version),
        (tr("Python"), f"{state.python}" if state.python else "–"),
        (tr("Chosen by"), chosen[state.source]),
        (tr("Versions"), f"Python {record['python_version']}, PyTorch {torch}" if record else "–"),
        (tr("Devices"), ", ".join(record["devices"]) if record else "–"),
        (tr("Checked"), record["time"].replace("T", " ").partition("+")[0] + " UTC" if record else "–"),
        (tr("Folder"), str(location.folder)),
    ]
