"""Times in outputs are those of SOURCE_DATE_EPOCH if it is set."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

import hsi_engine
import make_scenes
from hsi_engine.moment import recorded_time, shown_time


def test_a_stated_time_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert shown_time() == "1970-01-02 00:00 UTC"
    assert recorded_time() == "1970-01-02T00:00:00+00:00"


@pytest.mark.parametrize("value", [None, "", "soon", "1e400", "9" * 5000])
def test_otherwise_it_is_now(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    if value is not None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    before = datetime.now(timezone.utc).replace(microsecond=0)
    assert before <= datetime.fromisoformat(recorded_time()) <= datetime.now(timezone.utc)


def test_pages_of_the_same_job_have_the_same_bytes(
    scene_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    pages = [tmp_path / f"{name}.html" for name in "ab"]
    labels = make_scenes.write_labels(tmp_path / "labels.tif", like=scene_path)
    for page in pages:
        hsi_engine.check_labels(scene=scene_path, labels=labels, report=page)
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert "1970-01-02 00:00 UTC" in pages[0].read_text(encoding="utf-8")
