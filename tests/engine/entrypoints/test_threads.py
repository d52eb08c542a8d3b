"""The setting that lets several jobs share the cores."""

from __future__ import annotations

import os

import pytest

from hsi_engine.entrypoints.threads import share_cores


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_threads_are_told_to_sleep_soon() -> None:
    share_cores()
    assert os.environ["GOMP_SPINCOUNT"] == "1000"


@pytest.mark.parametrize(("name", "value"), [("OMP_WAIT_POLICY", "ACTIVE"), ("GOMP_SPINCOUNT", "5")])
def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    share_cores()
    assert os.environ[name] == value
    assert os.environ.get("GOMP_SPINCOUNT", "") == ("5" if name == "GOMP_SPINCOUNT" else "")
