"""Whether the engine can be used, from the files of its environment alone: no process is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...paths import ABSENT, exists, is_file, why_no_file
from .location import Location
from .lock import is_held
from .record import Record, read_record

_SET_UP = "run 'Set up engine' (Processing toolbox, HSI Classifier > Engine)"


@dataclass(frozen=True)
class EngineState:
    """What the plugin knows about the engine.

    Attributes
    ----------
    kind : ready, missing, interrupted, outdated or broken
    python : the engine's Python, if there is one to name
    source : who chose it: variable (HSI_ENGINE_PYTHON), setting (the user) or managed (the plugin)
    message : one sentence, with what to do
    record : what was found when it was checked; empty if nothing is known
    """

    kind: str
    python: Path | None
    source: str
    message: str
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        return self.kind == "ready"


def variable_state(python: Path) -> EngineState:
    """Of the Python that HSI_ENGINE_PYTHON names."""
    problem = why_no_file(python)
    if problem:
        message = (
            f"The variable HSI_ENGINE_PYTHON names {python}, but {problem}: correct the variable, or remove it "
            "and restart QGIS."
        )
        return EngineState("broken", python, "variable", message)
    return EngineState("ready", python, "variable", f"The engine runs in {python}, named by HSI_ENGINE_PYTHON.")


def existing_state(python: Path, location: Location, fingerprint: str) -> EngineState:
    """Of the Python that the user chose."""
    problem = why_no_file(python)
    if problem:
        found = "it no longer exists" if problem == ABSENT else problem
        message = (
            f"The Python chosen for the engine cannot be used, because {found} ({python}): choose another one in QGIS's "
            f"options under HSI Classifier, or {_SET_UP}."
        )
        return EngineState("broken", python, "setting", message)
    record = read_record(location.existing_record)
    if record is None or Path(record.python) != python:
        message = f"The Python chosen for the engine was never checked ({python}): {_SET_UP} with it."
        return EngineState("broken", python, "setting", message)
    if record.requirements != fingerprint:
        message = (
            f"This version of the plugin needs other packages than were checked in {python}: {_SET_UP} with it; it "
            f"then lists what is missing."
        )
        return EngineState("outdated", python, "setting", message, asdict(record))
    return EngineState("ready", python, "setting", _ready(record), asdict(record))


def managed_state(location: Location, fingerprint: str) -> EngineState:
    """Of the plugin's own environment."""
    if exists(location.marker):
        if is_held(location.lock):
            message = "The engine is being set up at the moment: wait until that has finished."
        else:
            message = f"The engine's set-up was interrupted: {_SET_UP} again; it repairs what is there."
        return EngineState("interrupted", None, "managed", message)
    if not exists(location.environment):
        message = f"The engine is not set up yet: {_SET_UP}."
        return EngineState("missing", None, "managed", message)
    record = read_record(location.record)
    if record is None:
        message = f"The engine's environment has no readable record ({location.record}): {_SET_UP}; it repairs it."
        return EngineState("broken", location.python, "managed", message)
    # A link to a Python that was removed or updated away counts as missing.
    if not is_file(location.python):
        message = (
            f"The engine's Python no longer works, because {record.base_python} is gone: {_SET_UP}; it repairs it."
        )
        return EngineState("broken", location.python, "managed", message, asdict(record))
    if record.requirements != fingerprint:
        message = f"This version of the plugin needs newer packages than the engine has: {_SET_UP}; it updates them."
        return EngineState("outdated", location.python, "managed", message, asdict(record))
    return EngineState("ready", location.python, "managed", _ready(record), asdict(record))


def _ready(record: Record) -> str:
    torch = record.packages.get("torch", "")
    return f"The engine is ready: Python {record.python_version}, PyTorch {torch}, {', '.join(record.devices)}."
