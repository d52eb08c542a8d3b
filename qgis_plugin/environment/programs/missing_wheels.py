"""Lists what a folder of wheels lacks for an installation without a network, as one line of JSON.

    python missing_wheels.py FOLDER REQUIREMENTS_FILE

Runs in the environment that is being set up: its pip brings the parser of requirements and the tags of this
platform. Requirements of requirements are followed, so that one look names every wheel to fetch.
"""

from __future__ import annotations

import contextlib
import email
import json
import sys
import zipfile
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from pip._vendor.packaging.version import Version


def wheels_in(folder: Path) -> tuple[dict[str, dict[Version, Path]], dict[str, list[str]]]:
    """Wheels that fit this Python by name and version, and the names of those files that do not fit.

    An archive of source counts as fitting: it is built when it is installed.
    """
    tags = frozenset(sys_tags())
    fitting: dict[str, dict[Version, Path]] = {}
    others: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.whl")):
        try:
            name, version, _, wheel_tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            continue
        if tags.isdisjoint(wheel_tags):
            others.setdefault(name, []).append(path.name)
        else:
            fitting.setdefault(name, {})[version] = path
    for path in sorted(folder.glob("*.tar.gz")):
        with contextlib.suppress(InvalidSdistFilename):  # something else lies here
            name, version = parse_sdist_filename(path.name)
            fitting.setdefault(name, {}).setdefault(version, path)
    return fitting, others


def needs_of(wheel: Path) -> list[str]:
    """Lines of the requirements of a wheel; those of an archive of source are known only once it is built."""
    if wheel.suffix != ".whl":
        return []
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(metadata)).get_all("Requires-Dist", [])


def missing_wheels(folder: Path, requirements: list[str]) -> list[dict[str, str]]:
    """What is required and not there: requirement, who requires it, and what was found instead; a package once."""
    fitting, others = wheels_in(folder)
    missing: dict[str, dict[str, str]] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(requirement, "the engine") for requirement in _applying(requirements, frozenset())]
    while waiting:
        requirement, required_by = waiting.pop(0)
        name = canonicalize_name(requirement.name)
        versions = fitting.get(name, {})
        chosen = max((v for v in versions if requirement.specifier.contains(v, prereleases=True)), default=None)
        extras = frozenset(requirement.extras)
        if chosen is None:
            text = f"{requirement.name}{requirement.specifier}"
            found = ", ".join([path.name for path in versions.values()] + others.get(name, []))
            missing.setdefault(name, {"requirement": text, "required_by": required_by, "found": found})
        elif (name, extras) not in seen:
            seen.add((name, extras))
            needs = _applying(needs_of(versions[chosen]), extras)
            waiting += [(need, requirement.name) for need in needs]
    return list(missing.values())


def _applying(lines: list[str], extras: frozenset[str]) -> list[Requirement]:
    """The requirements whose markers hold for this Python, with no extra or with one of these."""
    parsed = [Requirement(line) for line in lines]
    return [
        requirement
        for requirement in parsed
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": e}) for e in ("", *extras))
    ]


def main(folder: str, requirements_file: str) -> None:
    lines = Path(requirements_file).read_text(encoding="utf-8").splitlines()
    missing = missing_wheels(Path(folder), [line for line in lines if line.strip() and not line.startswith("#")])
    sys.stdout.write(json.dumps(missing) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
