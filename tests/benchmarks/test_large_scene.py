"""The benchmark of large scenes, on one that is not large."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import large_scene


def test_it_states_memory_and_time_of_each_stage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(large_scene, "SIZES", ((160, 272),))
    monkeypatch.setattr(large_scene, "EPOCHS", 1)
    large_scene.main()
    found = json.loads(capsys.readouterr().out)
    (size,) = found["sizes"]
    assert (size["rows"], size["cols"], size["bands"]) == (160, 272, 200)
    assert set(size["stages"]) == {"pca", "train", "classify"}
    assert size["peak_rss_mb"] == max(stage["peak_rss_mb"] for stage in size["stages"].values()) > 50
    assert size["seconds_per_megapixel"] == pytest.approx(size["stages"]["classify"]["seconds"] / 0.04352)
    assert found["polygons"] > 20


def test_a_mirrored_scene_repeats_its_source_turned_over() -> None:
    assert large_scene.mirrored(0, 8, 3).tolist() == [0, 1, 2, 2, 1, 0, 0, 1]
    assert np.array_equal(large_scene.mirrored(5, 8, 3), large_scene.mirrored(0, 8, 3)[5:])


def test_too_little_room_is_said_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_scene, "SIZES", ((2**22, 2**22),))
    with pytest.raises(SystemExit, match=r"GB free; 8796093.* GB are needed. Make room, or set TMPDIR"):
        large_scene.main()
