"""Print the lowest versions that pyproject.toml allows, as requirements for pip: one ``name==version`` a line.

python tools/lowest_versions.py [--torch VERSION]

Every package of the engine and of its demo, and what the tests themselves are run with. Tools that read the source (ruff,
mypy …) are left out: constraints.txt pins them and the engine never meets them. So is the bound of torch: builds that old
weigh gigabytes or exist for no Python of today, so the one that constraints.txt pins takes its place unless another is named.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qgis_plugin.environment.pythons.requirements import Requirement, parse_requirements  # noqa: E402 - it is found only now

RUN_THE_TESTS = ("hypothesis", "pytest", "pytest-xdist")


def lowest(pyproject: str, constraints: str, torch: str | None = None) -> list[str]:
    """The lines.

    Raises
    ------
    ValueError : a package has no lower bound, and so no lowest version.
    """
    engine, demo, dev = (_listed(pyproject, name) for name in ("dependencies", "demo", "dev"))
    tests = [requirement for requirement in dev if requirement.name in RUN_THE_TESTS]
    (pinned,) = (pin.pin for pin in parse_requirements("", constraints).pinned if pin.name == "torch")
    versions = {requirement.name: requirement.minimum for requirement in (*engine, *demo, *tests)}
    versions["torch"] = torch or pinned
    unbound = [name for name, version in versions.items() if version is None]
    if unbound:
        raise ValueError(f"pyproject.toml states no lower bound for {', '.join(unbound)}")
    return [f"{name}=={version}" for name, version in versions.items()]


def _listed(pyproject: str, name: str) -> tuple[Requirement, ...]:
    # Python 3.10 cannot read TOML.
    found = re.search(rf"^{name} = \[\n(.*?)^\]", pyproject, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"pyproject.toml has no list called {name}")
    return parse_requirements("\n".join(re.findall(r'^\s*"([^"]+)"', found.group(1), re.MULTILINE))).required


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--torch", metavar="VERSION", help="instead of the one that constraints.txt pins")
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "constraints.txt")]
    print(*lowest(*texts, parser.parse_args().torch), sep="\n")


if __name__ == "__main__":
    main()
