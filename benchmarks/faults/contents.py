"""What came out of a job, as fingerprints that two runs of the same job have in common.

Rasters, tables and layers count byte by byte; models by all they hold; JSON and pages without the times that they state, the
folders they were made in, and, of an archive that was continued, which run made a map.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hsi_engine.bundle.model_file import read_bundle

# Names of JSON values that depend on when, how fast and in which process a job ran, or on which run of several did it.
_OF_A_RUN = frozenset({"seconds", "worker", "attempt", "attempts", "done", "skipped", "duration"})
_CUT_OFF = re.compile(
    r"\d+ lines? of manifest\.jsonl (was|were) cut off when a run was interrupted, and counts? as nothing\."
)
_IN_PAGES = (
    (_CUT_OFF, ""),
    (re.compile(r"<li></li>\n"), ""),
    (re.compile(r"<h2>Notes</h2>\s*<ul class=\"notes\">\s*</ul>"), ""),
    (re.compile(r"\d[\d,]* made in this run, \d[\d,]* before"), "RUNS"),
    (re.compile(r'<td class="text">(this run|before)</td><td>[^<]*</td>'), "RUN"),
    (re.compile(r'<td>[\d.,]+</td>(<td class="text">)'), r"TIME\1"),
    (re.compile(r"<td>[\d.,]+ ± [\d.,]+<small>[\d.,]+ ± [\d.,]+</small></td>"), "TIME"),
    (re.compile(r"(<dt>Time</dt><dd>)[^<]*"), r"\1TIME"),
    (re.compile(r"\b\d[\d,.]*\s?(ms|s|min|h)\b"), "TIME"),
    (re.compile(r"\n\s*\n+"), "\n"),
)


def contents(folder: Path, places: Mapping[str, str]) -> dict[str, str]:
    """A fingerprint of each file by its name in ``folder``; hidden temporary files aside.

    Parameters
    ----------
    places : folders that outputs state, with a word for each.
    """
    return {
        str(path.relative_to(folder)): fingerprint(path, {str(folder): "OUT", **places})
        for path in visible(folder)
        if path.is_file()
    }


def visible(folder: Path) -> list[Path]:
    """All files and folders in ``folder``; hidden temporary files aside."""
    parts = ((path, path.relative_to(folder).parts) for path in sorted(folder.rglob("*")))
    return [path for path, names in parts if not any(name.startswith(".tmp-") for name in names)]


def hidden(folder: Path) -> list[str]:
    """The temporary files that lie in a folder."""
    return sorted(path.name for path in folder.rglob(".tmp-*"))


def fingerprint(path: Path, places: Mapping[str, str]) -> str:
    """The same for two files of the same job; begins with ``damaged`` for one that cannot be read."""
    try:
        if path.suffix == ".hsimodel":
            return _of_model(path, places)
        if path.suffix == ".json":
            return _digest(json.dumps(_lasting(json.loads(path.read_text()), places)).encode())
        if path.suffix == ".jsonl":
            return _of_manifest(path, places)
        if path.suffix == ".html":
            return _of_page(path, places)
        return _digest(path.read_bytes())
    except Exception as error:  # whatever a damaged file leads to
        return f"damaged: {type(error).__name__} {error}"


def _of_model(path: Path, places: Mapping[str, str]) -> str:
    bundle = read_bundle(path)
    said = json.dumps(_lasting(bundle.manifest(), places))
    return _digest(said.encode() + b"".join(bundle.tensor_members.values()))


def _of_manifest(path: Path, places: Mapping[str, str]) -> str:
    """The last line of each scene; what was cut off by a kill counts as nothing."""
    last: dict[str, Any] = {}
    for line in path.read_bytes().split(b"\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        last[row.get("scene", "")] = row
    return _digest(json.dumps(_lasting(last, places), sort_keys=True).encode())


def _of_page(path: Path, places: Mapping[str, str]) -> str:
    text = path.read_text()
    if "</html>" not in text:
        raise ValueError("the page has no end")
    for pattern, instead in _IN_PAGES:
        text = pattern.sub(instead, text)
    return _digest(_placed(text, places).encode())


def _lasting(data: Any, places: Mapping[str, str]) -> Any:
    """JSON values without what depends on a run."""
    if isinstance(data, dict):
        kept = {
            _placed(name, places): _lasting(v, places)
            for name, v in data.items()
            if name not in _OF_A_RUN and not name.endswith("_seconds")
        }
        if kept.get("status") == "skipped":
            kept["status"] = "done"
        return kept
    if isinstance(data, list):
        return [_lasting(value, places) for value in data if not (isinstance(value, str) and _CUT_OFF.fullmatch(value))]
    return _placed(data, places) if isinstance(data, str) else data


def _placed(text: str, places: Mapping[str, str]) -> str:
    for place, word in places.items():
        text = text.replace(place, word)
    return text


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
