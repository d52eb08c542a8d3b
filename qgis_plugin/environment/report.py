"""Everything a maintainer would ask for, as sections of rows."""

from __future__ import annotations

import html
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .install.pip_settings import without_credentials
from .records.disk import free_bytes, gigabytes
from .records.failure_log import last_failures
from .records.location import Location
from .records.state import EngineState


@dataclass(frozen=True)
class Section:
    """A heading with rows of a name and a value; a value may have several lines."""

    title: str
    rows: Sequence[tuple[str, str]]


def system_section() -> Section:
    rows = (
        ("System", platform.platform()),
        ("Processor", platform.machine()),
        ("Python of QGIS", platform.python_version()),
    )
    return Section("Computer", rows)


def engine_section(state: EngineState, location: Location) -> Section:
    """State, place and record."""
    record = state.record
    rows = [
        ("State", state.kind),
        ("Message", state.message),
        ("Python", str(state.python or "none")),
        ("Chosen by", {"variable": "HSI_ENGINE_PYTHON", "setting": "QGIS's options"}.get(state.source, "the plugin")),
        ("Folder", str(location.folder)),
        ("Free on its disk", gigabytes(free_bytes(location.folder))),
    ]
    if record:
        rows += [
            ("Engine", f"{record['engine_version']} on Python {record['python_version']}"),
            ("PyTorch", f"{record['packages'].get('torch', 'unknown')} ({record['torch_build']})"),
            ("Devices", ", ".join(record["devices"])),
            ("Made from", record["base_python"] or "a Python of the user's own"),
            ("Installed by", f"{record['installer'] or 'the user'}, {record['seconds']} s, checked {record['time']}"),
            ("Requirements", record["requirements"]),
        ]
    return Section("Engine", rows)


def package_section(packages: Mapping[str, str]) -> Section:
    return Section("Packages of the engine", sorted(packages.items()))


def self_test_section(answer: Mapping[str, Any]) -> Section:
    """The results of the engine's own check."""
    rows = [
        (str(check["check"]), ("passed" if check["ok"] else "FAILED") + f": {check['message']}")
        for check in answer["checks"]
    ]
    others = [(name, str(value)) for name, value in answer.items() if name != "checks"]
    return Section("Self-test", [*rows, *others])


def failure_section(location: Location) -> Section:
    failures = last_failures(location.failures)
    rows = [
        (
            f"{failure.get('time', '')} {failure.get('what', '')}",
            f"{failure.get('message', '')}\n{failure.get('details', '')}",
        )
        for failure in reversed(failures)
    ]
    return Section("Last failures", rows or [("None", "")])


def report_text(sections: Sequence[Section]) -> str:
    """One text to copy; the user's name and passwords do not stand in it."""
    blocks = []
    for section in sections:
        width = max(len(name) for name, _ in section.rows) if section.rows else 0
        lines = [f"## {section.title}"]
        for name, value in section.rows:
            first, *others = value.strip().splitlines() or [""]
            lines.append(f"{name.ljust(width)}  {first}".rstrip())
            lines += [f"    {line}" for line in others]
        blocks.append("\n".join(lines))
    return _private("\n\n".join(blocks)) + "\n"


def report_html(sections: Sequence[Section], title: str, explanation: str) -> str:
    """The same as a page, with tables."""
    tables = []
    for section in sections:
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(value.strip())}</td></tr>"
            for name, value in section.rows
        )
        tables.append(f"<h2>{html.escape(section.title)}</h2><table>{rows}</table>")
    head = f"<meta charset='utf-8'><title>{html.escape(title)}</title><style>{_STYLE}</style>"
    body = f"<h1>{html.escape(title)}</h1><p>{html.escape(explanation)}</p>{''.join(tables)}"
    return _private(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>\n")


_STYLE = (
    "body{font-family:sans-serif;margin:1.5em}h1{font-size:1.4em}h2{font-size:1.1em;margin:1.2em 0 .3em}"
    "th{text-align:left;vertical-align:top;padding:.15em 1.2em .15em 0;font-weight:normal;color:#555;white-space:nowrap}"
    "td{white-space:pre-wrap}"
)


def _private(text: str) -> str:
    return without_credentials(text).replace(str(Path.home()), "~")
