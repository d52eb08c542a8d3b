"""The benchmark of a part of a scene, on a small one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import part_of_scene


def test_it_states_the_share_of_the_time_that_parts_take(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(part_of_scene, "EDGE_PX", 320)
    monkeypatch.setattr(part_of_scene, "RUNS", 1)
    part_of_scene.main(["--bands", "6", "--model", "logistic_regression"])
    found = json.loads(capsys.readouterr().out)
    assert found["share_of_pixels"] == pytest.approx({"extent": 0.01, "mask": 0.01})
    assert set(found["seconds"]) == {"extent", "mask", "whole"}
    assert min(found["seconds"].values()) > 0
    for part, share in found["share_of_whole"].items():
        assert share == pytest.approx(found["seconds"][part] / found["seconds"]["whole"])
    assert found["within_aim"] == (max(found["share_of_whole"].values()) <= found["aim"])


def test_a_window_has_the_classes_of_the_scene_at_its_place() -> None:
    whole = part_of_scene.classes_of(part_of_scene.Window.of_shape((100, 90)))
    window = part_of_scene.Window(row=20, col=40, height=50, width=30)
    np.testing.assert_array_equal(part_of_scene.classes_of(window), whole[window.slices()])
    assert set(np.unique(whole)) == {1, 2, 3}
