"""The scanners of the plugin repository run on the staged plugin, and each of their findings counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_plugin import bandit_findings, qgis_findings, secret_findings


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("assert 1", "B101"),
        ("try:\n    f()\nexcept Exception:\n    pass", "B110"),
        ("import pickle", "B403"),
        ("import subprocess", "B404"),
        ("folder = '/tmp/engine'", "B108"),
        ("def broken(:", "could not read it"),
    ],
)
def test_bandit_finds_also_what_is_of_low_severity(tmp_path: Path, code: str, finding: str) -> None:
    (tmp_path / "module.py").write_text(f"{code}\n", encoding="utf-8")
    found = list(bandit_findings(tmp_path))
    assert len(found) == 1
    assert finding in found[0]
    assert "module.py" in found[0]


def test_a_line_that_was_looked_at_is_no_finding_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "module.py").write_text("import subprocess  # nosec B404 - audited\n", encoding="utf-8")
    assert list(bandit_findings(tmp_path)) == []
    assert capsys.readouterr().out == "Bandit: 1 findings were looked at and carry a remark\n"


def test_a_key_is_found(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLF"
    (tmp_path / "module.py").write_text(f"\nkey = '{key}'\n", encoding="utf-8")
    assert "module.py:2: AWS Access Key" in "".join(secret_findings(tmp_path))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("from PyQt5.QtCore import Qt", "QGS103"),
        ("import PyQt6.QtCore", "QGS104"),
        ("dialog.exec_()", "QGS107"),
        ("from qgis._core import Qgis", "QGS101"),
        ("from qgis.PyQt.QtCore import QRegExp\nQRegExp('a')", "QGS406"),
        ("from qgis.PyQt.QtCore import QVariant\nkind = QVariant.Int", "QGS402"),
    ],
)
def test_what_qgis_with_qt6_does_not_know_is_found(tmp_path: Path, code: str, rule: str) -> None:
    (tmp_path / "module.py").write_text(f"{code}\n", encoding="utf-8")
    found = list(qgis_findings(tmp_path))
    assert found
    assert all(rule in line and line.startswith("module.py:") for line in found)
