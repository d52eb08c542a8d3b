"""Put the plugin together: build/hsi_classifier, and dist/hsi_classifier-<version>.zip of it.

python tools/stage_plugin.py [--build FOLDER] [--dist FOLDER]

The zip depends on the files alone: made twice, it has the same bytes.
"""

from __future__ import annotations

import argparse
import configparser
import re
import shutil
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qgis_plugin.engine.source import requirements_text  # noqa: E402 - it is found only now
from render_guide import render_guide  # noqa: E402

PACKAGE = "hsi_classifier"
ENGINE_SOURCE = "engine_source"

_TIMESTAMP = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
_MODE = 0o644
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def stage(build: Path) -> Path:
    """Write the package into ``build``, which may hold an older one, and return its folder."""
    package = build / PACKAGE
    if package.exists():
        shutil.rmtree(package)
    engine = package / ENGINE_SOURCE
    _copy_tree(ROOT / "qgis_plugin", package)
    _copy_tree(ROOT / "hsi_engine", engine / "hsi_engine")
    render_guide(ROOT / "docs" / "guide", package / "guide")
    shutil.copyfile(ROOT / "LICENSE", package / "LICENSE")
    requirements = requirements_text()
    (engine / "requirements.txt").write_text(requirements, encoding="utf-8", newline="\n")
    (engine / "constraints.txt").write_text(_constraints(requirements), encoding="utf-8", newline="\n")
    shutil.copyfile(ROOT / "engine_lock.txt", engine / "engine_lock.txt")
    (package / "metadata.txt").write_text(_metadata(), encoding="utf-8", newline="\n")
    return package


def version(package: Path) -> str:
    """The version in the metadata of a staged package."""
    metadata = configparser.ConfigParser()
    metadata.read(package / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def write_zip(package: Path, dist: Path) -> Path:
    """Write the zip of a staged package into ``dist`` and return its path."""
    dist.mkdir(parents=True, exist_ok=True)
    target = dist / f"{package.name}-{version(package)}.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(_files(package)):
            entry = zipfile.ZipInfo(path.relative_to(package.parent).as_posix(), date_time=_TIMESTAMP)
            entry.external_attr = _MODE << 16
            entry.create_system = 3  # Unix, on every system: it says how to read the mode
            archive.writestr(entry, path.read_bytes(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return target


def _copy_tree(source: Path, target: Path) -> None:
    for path in _files(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)  # the content alone: a mode of the working tree is nobody's business
        copy.chmod(_MODE)


def _files(folder: Path) -> Iterator[Path]:
    """What belongs to the project: caches of Python and hidden files of editors do not."""
    for path in folder.rglob("*"):
        names = path.relative_to(folder).parts
        if path.is_file() and path.suffix != ".pyc" and not any(n == "__pycache__" or n.startswith(".") for n in names):
            yield path


def _constraints(requirements: str) -> str:
    """Those pins of the project that are about packages of the engine; its tools stay at home."""
    wanted = {_canonical(line) for line in requirements.splitlines() if line}
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return "".join(f"{pin}\n" for pin in pins if _NAME.match(pin) and _canonical(pin) in wanted)


def _canonical(requirement: str) -> str:
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found.group()).lower() if found else ""


def _metadata() -> str:
    """The metadata with the newest section of the changelog, as the plugin manager shows it."""
    sections = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    heading, _, entries = sections[1].partition("\n")
    lines = [heading, *(line for line in entries.splitlines() if line)]
    # A percent sign begins a reference in this format, wherever QGIS and the plugin repository read it.
    changelog = textwrap.indent(re.sub(r"\s*%", " percent", "\n".join(lines)), "    ").strip()
    return (ROOT / "metadata.txt").read_text(encoding="utf-8") + f"changelog={changelog}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    package = stage(arguments.build)
    archive = write_zip(package, arguments.dist)
    print(f"{package}\n{archive} ({archive.stat().st_size / 1e6:.2f} MB)")


if __name__ == "__main__":
    main()
