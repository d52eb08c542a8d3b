"""A plugin that breaks a rule of the plugin repository is found out, by the name of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import stage_plugin
from repository_rules import MAX_ZIP_BYTES, folder_findings, zip_findings


def test_the_plugin_itself_keeps_the_rules(staged: Path, tmp_path: Path) -> None:
    assert list(folder_findings(staged)) == []
    assert list(zip_findings(stage_plugin.write_zip(staged, tmp_path), staged)) == []


def _write(name: str, content: bytes = b"") -> Callable[[Path], None]:
    def write(package: Path) -> None:
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_bytes(content)

    return write


def _replace(old: str, new: str) -> Callable[[Path], None]:
    def replace(package: Path) -> None:
        path = package / "metadata.txt"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.mark.parametrize(
    ("spoil", "finding"),
    [
        (_write(".gitignore"), ".gitignore: hidden files"),
        (lambda package: (package / "__pycache__").mkdir(), "__pycache__: what Python or an archiver left"),
        (_write("old.pyc"), "old.pyc: what Python or an archiver left"),
        (_write("test_provider.py"), "test_provider.py: tests stay"),
        (_write("tests/data.json"), "tests: tests stay"),
        (_write("fast.so"), "fast.so: files of the kind '.so'"),
        (_write("weights.py", b"\xff\xfe\x00"), "weights.py: is not text in UTF-8"),
        (lambda package: (package / "provider.py").chmod(0o755), "provider.py: is executable"),
        (lambda package: (package / "link.py").symlink_to("provider.py"), "link.py: a zip cannot hold links"),
        (lambda package: (package / "LICENSE").unlink(), "LICENSE: is missing"),
        (lambda package: (package / "__init__.py").unlink(), "__init__.py: is missing"),
        (lambda package: (package / "metadata.txt").unlink(), "metadata.txt: is missing"),
        (_replace("tracker=", "trackers="), "metadata.txt: 'tracker' is missing"),
        (_replace("homepage=https://", "homepage="), "metadata.txt: 'homepage' is not an address"),
        (_replace("qgisMinimumVersion=3.22", "qgisMinimumVersion=three"), "'qgisMinimumVersion' is not a version"),
        (_replace("name=HSI", "name=HSI Plugin"), "metadata.txt: the name has to do without"),
        (_replace("provider.svg", "nothing.svg"), "metadata.txt: the icon resources/icons/nothing.svg is not there"),
        (_replace("hasProcessingProvider=yes", ""), "metadata.txt: 'hasProcessingProvider' has to be 'yes'"),
        (_replace("without a GPU", "for 95% of users"), "metadata.txt: QGIS cannot read it"),
    ],
)
def test_a_broken_rule_is_found(package: Path, spoil: Callable[[Path], None], finding: str) -> None:
    spoil(package)
    found = list(folder_findings(package))
    assert len(found) == 1
    assert finding in found[0]


@pytest.mark.parametrize("name", ["hsi-classifier", "hsi_plugin", "3d_classifier"])
def test_a_name_that_qgis_cannot_import_is_found(package: Path, name: str) -> None:
    assert f"{name}: the folder's name" in "".join(folder_findings(package.rename(package.with_name(name))))


def test_a_zip_that_is_not_the_folder_is_found(package: Path, tmp_path: Path) -> None:
    archive = stage_plugin.write_zip(package, tmp_path / "dist")
    (package / "new.py").touch()
    (package / "provider.py").unlink()
    assert list(zip_findings(archive, package)) == [
        f"{archive.name}: hsi_classifier/provider.py is not in hsi_classifier",
        f"{archive.name}: hsi_classifier/new.py is missing",
    ]


def test_a_zip_that_is_too_large_is_found(package: Path, tmp_path: Path) -> None:
    archive = stage_plugin.write_zip(package, tmp_path / "dist")
    with archive.open("r+b") as file:
        # Before the archive, where zip allows anything: its own end stays readable.
        content = file.read()
        file.seek(0)
        file.write(bytes(MAX_ZIP_BYTES))
        file.write(content)
    assert "MB; the repository takes 25 MB" in "".join(zip_findings(archive, package))
