"""Lists which packages of a list with hashes this Python lacks, as one line of JSON.

    python packages_to_fetch.py REQUIREMENTS_FILE

Runs in the environment that is being set up: its pip brings the parser of markers.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name


def packages_to_fetch(text: str, installed: dict[str, str]) -> list[str]:
    """The packages as ``name==version`` that a list asks for on this system and that are not there in its version."""
    found = []
    for line in re.findall(r"^[^\s#][^\\\n]*", text, re.MULTILINE):
        requirement = Requirement(line.strip())
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate()
        if applies and not requirement.specifier.contains(installed.get(name, "0"), prereleases=True):
            found.append(f"{name}{requirement.specifier}")
    return found


def _installed() -> dict[str, str]:
    there = importlib.metadata.distributions()
    return {canonicalize_name(found.metadata["Name"]): found.version for found in there if found.metadata["Name"]}


def main(requirements_file: str) -> None:
    text = Path(requirements_file).read_text(encoding="utf-8")
    sys.stdout.write(json.dumps(packages_to_fetch(text, _installed())) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
