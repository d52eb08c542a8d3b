"""Rasters are not begun if the system does not start the threads that compress them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import hsi_engine
from hsi_engine.errors import HsiError
from hsi_engine.io.maps.map_writer import require_threads


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system starts none of those that wait for GDAL's sake."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if getattr(thread, "_target", None).__qualname__ == "Event.wait":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_threads_that_were_tried_have_ended() -> None:
    before = threading.active_count()
    require_threads()
    assert threading.active_count() == before


@pytest.mark.usefixtures("no_threads")
def test_a_limit_on_threads_is_an_error_in_words() -> None:
    with pytest.raises(HsiError, match=f"started 0 of the {os.cpu_count()} threads that compress") as caught:
        require_threads()
    assert caught.value.code == "engine.threads"
    assert "ulimit -u" in caught.value.hint


@pytest.mark.usefixtures("no_threads")
def test_a_scene_is_then_not_written(make_scene: Callable[..., Path], tmp_path: Path) -> None:
    scene = make_scene()
    with pytest.raises(HsiError, match="threads that compress"):
        hsi_engine.denoise_scene(scene=scene, output=tmp_path / "out.tif", steps=0)
    assert not list(tmp_path.glob("*out.tif*"))
