"""What is known about an environment, kept next to it; read instead of asking the environment itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

SCHEMA = 1


@dataclass(frozen=True)
class Record:
    """An environment that passed the engine's check.

    Attributes
    ----------
    requirements : fingerprint of what was asked for
    base_python : the Python that the environment was made from; empty for a Python of the user's own
    packages : all packages with their versions
    torch_build : as PyTorch calls itself: cpu, cu130 …
    devices : what the engine can compute on
    installer : with its version; empty for a Python of the user's own
    seconds : how long it took
    time : when, UTC, ISO 8601
    """

    engine_version: str
    requirements: str
    python: str
    python_version: str
    base_python: str
    packages: Mapping[str, str]
    torch_build: str
    devices: tuple[str, ...]
    installer: str
    seconds: float
    time: str
    schema: int = SCHEMA


def write_record(path: Path, record: Record) -> None:
    """Write under another name and rename: the file is there as a whole or not at all."""
    write_json(path, asdict(record))


def read_record(path: Path) -> Record | None:
    """The record; None if there is none, or none that this version of the plugin understands."""
    data = read_json(path)
    names = {field.name for field in fields(Record)}
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or not names <= data.keys():
        return None
    known = {name: data[name] for name in names}
    known["devices"] = tuple(known["devices"])
    return Record(**known)


def write_json(path: Path, data: Any) -> None:
    partial = path.with_name(f"{path.name}.part")
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    # Half a character, as in a file name that is not UTF-8, becomes its escape.
    partial.write_text(text, encoding="utf-8", errors="backslashreplace")
    partial.replace(path)


def read_json(path: Path) -> Any:
    """What the file holds; None if it is missing or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
