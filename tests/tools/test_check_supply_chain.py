"""Secrets and known weaknesses are named; a service that does not answer is said, and fails nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import check_supply_chain
from check_supply_chain import audit, judged, secret_findings
from qgis_plugin.environment.pythons.locked import parse_lock

HASH = "    --hash=sha256:" + "0a" * 32
LOCK = parse_lock(f"one==1 \\\n{HASH}\n\none==2 ; python_full_version >= '3.12' \\\n{HASH}\n\ntwo==3 \\\n{HASH}\n")


def test_a_secret_in_a_tracked_file_is_named_and_one_that_was_looked_at_is_not(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLF"
    (tmp_path / "settings.py").write_text(f'first = 1\nkey = "{key}"\n')
    (tmp_path / "example.py").write_text(f'key = "{key}"  # pragma: allowlist secret\n')
    (tmp_path / "engine_lock.txt").write_text(f'key = "{key}"\n')
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "untracked.py").write_text(f'key = "{key}"\n')
    assert list(secret_findings(tmp_path)) == ["settings.py:2: AWS Access Key"]


def test_weaknesses_are_named_with_what_mends_them() -> None:
    packages = [
        {"name": "one", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2", "3"]}]},
        {"name": "two", "version": "3", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]},
        {"name": "three", "skip_reason": "not there"},
    ]
    assert judged(packages) == (
        ["one 1: PYSEC-1; mended in: 2, 3", "two 3: PYSEC-2; mended in: none yet"],
        "",
    )


def test_no_answer_is_a_reason_and_no_finding() -> None:
    found, reason = judged([{"name": "one", "skip_reason": "Dependency not found"}])
    assert found == []
    assert "does not offer its service" in reason


def answered(stdout: str, stderr: str = "") -> object:
    def run(_: Path, module: str, *words: str, timeout_s: float | None = None) -> subprocess.CompletedProcess[str]:
        assert module == "pip_audit"
        asked.append(Path(words[-1]).read_text())
        if stdout == "timeout":
            raise subprocess.TimeoutExpired(module, timeout_s or 0)
        return subprocess.CompletedProcess([], 1, stdout, stderr)

    asked: list[str] = []
    run.asked = asked  # type: ignore[attr-defined]
    return run


def test_each_version_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = answered(json.dumps({"dependencies": [{"name": "one", "version": "1", "vulns": []}]}))
    monkeypatch.setattr(check_supply_chain, "_run", run)
    assert audit(LOCK) == ([], "")
    assert sorted(run.asked) == ["one==1\ntwo==3\n", "one==2\n"]


@pytest.mark.parametrize(
    ("stdout", "stderr", "reason"),
    [
        ("timeout", "", "did not answer within 20 s"),
        ("", "lines\nConnectionError: no route", "pip-audit gave no answer (ConnectionError: no route)"),
    ],
)
def test_a_service_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str, reason: str) -> None:
    monkeypatch.setattr(check_supply_chain, "_run", answered(stdout, stderr))
    found, why = audit(LOCK)
    assert found == []
    assert reason in why
