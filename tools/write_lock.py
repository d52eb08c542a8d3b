"""Write engine_lock.txt: the packages of the environment that the plugin sets up, with the hashes of their files.

python tools/write_lock.py [--check]

uv resolves what pyproject.toml and constraints.txt ask for, once for all systems and Pythons that the plugin supports; pip and uv
themselves are among it. Kept are the wheels that fit one of them, of a package without wheels the archive of its source. With
``--check`` nothing is written: the exit code is 1 where a requirement has no package in the list, or one that it does not allow.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qgis_plugin.engine.source import requirements_text  # noqa: E402 - it is found only now
from qgis_plugin.environment.pythons.base_python import NEWEST, OLDEST  # noqa: E402
from qgis_plugin.environment.pythons.locked import TOOLS, parse_lock  # noqa: E402

LOCK = ROOT / "engine_lock.txt"
_PYTHONS = [f"cp3{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
_SYSTEMS = re.compile(r"any|manylinux\S*_(x86_64|aarch64)|macosx_\S+|win_(amd64|arm64)")
_HEAD = f"""\
# The packages of the environment that the plugin sets up, for Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} on Linux, \
macOS and Windows: exact versions
# and the SHA-256 of each file. Made by tools/write_lock.py from pyproject.toml and constraints.txt; renew it with: make lock
"""


def fits(name: str) -> bool:
    """Whether a wheel is for a Python and a system that the plugin supports."""
    _, _, _, tags = parse_wheel_filename(name)
    return any(
        (tag.interpreter in _PYTHONS and tag.abi in (tag.interpreter, "none"))
        or tag.abi == "abi3"
        or (tag.interpreter in ("py3", "py2.py3") and tag.abi == "none")
        for tag in tags
        if _SYSTEMS.fullmatch(tag.platform)
    )


def entries(packages: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The lines of each package of a pylock.toml: its largest file, its version and marker, and the hashes of its files."""
    for package in packages:
        files = [wheel for wheel in package.get("wheels", ()) if fits(wheel["url"].rpartition("/")[2])]
        if not package.get("wheels"):
            files = [package["sdist"]]
        if not files:
            continue  # for systems that the plugin does not support
        marker = package.get("marker", "").replace(f"python_full_version >= '{OLDEST[0]}.{OLDEST[1]}'", "").strip()
        marker = re.sub(r"^and ", "", marker)
        lines = [f"{package['name']}=={package['version']}{f' ; {marker}' if marker else ''}"]
        lines += [f"    --hash=sha256:{digest}" for digest in sorted({file["hashes"]["sha256"] for file in files})]
        yield f"# up to {max(file['size'] for file in files)} bytes\n" + " \\\n".join(lines) + "\n"


def resolved() -> list[dict[str, Any]]:
    """What uv finds, as the packages of a pylock.toml."""
    import tomllib  # of Python 3.11: the tests of this module need none

    with tempfile.TemporaryDirectory() as name:
        wanted, found = Path(name) / "wanted.in", Path(name) / "pylock.toml"
        wanted.write_text(requirements_text() + "\n".join(TOOLS) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--format", "pylock.toml"]
        command += ["--python-version", f"{OLDEST[0]}.{OLDEST[1]}", "--constraint", str(ROOT / "constraints.txt")]
        subprocess.run([*command, "--output-file", str(found), str(wanted)], check=True)
        packages: list[dict[str, Any]] = tomllib.loads(found.read_text(encoding="utf-8"))["packages"]
        return packages


def findings(text: str, requirements: str, constraints: str) -> Iterator[str]:
    """Requirements and pins that a list does not meet, a sentence each."""
    locked: dict[str, list[str]] = {}
    for package in parse_lock(text):
        locked.setdefault(package.name, []).append(package.version)
    for line in (*requirements.splitlines(), *TOOLS):
        if line.strip():
            yield from _unmet(Requirement(line), locked, required=True)
    for line in constraints.splitlines():
        pin = line.partition("#")[0].strip()
        if pin:
            yield from _unmet(Requirement(pin), locked, required=False)


def _unmet(wanted: Requirement, locked: dict[str, list[str]], *, required: bool) -> Iterator[str]:
    versions = locked.get(canonicalize_name(wanted.name), [])
    if required and not versions:
        yield f"{LOCK.name} has no {wanted.name}, which pyproject.toml asks for. Renew it with: make lock"
    for version in versions:
        if not wanted.specifier.contains(version, prereleases=True):
            yield f"{LOCK.name} has {wanted.name} {version}; {wanted} is asked for. Renew it with: make lock"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="say whether the list meets what is asked for")
    if parser.parse_args().check:
        constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
        found = list(findings(LOCK.read_text(encoding="utf-8"), requirements_text(), constraints))
        print(*found, sep="\n", end="\n" if found else "")
        return int(bool(found))
    LOCK.write_text("\n".join([_HEAD, *entries(resolved())]), encoding="utf-8", newline="\n")
    print(f"{LOCK.name}: {len(parse_lock(LOCK.read_text(encoding='utf-8')))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
