"""The benchmark of previews, on a small scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import preview


def test_it_trains_once_and_states_whole_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(preview, "RUNS", 1)
    monkeypatch.setattr(preview, "BANDS", 6)
    monkeypatch.setattr(preview, "PART_PX", 96)
    found = preview.measure(tmp_path, 320)
    assert len(found["kept"]["process_s"]) == 1
    assert found["kept"]["slowest_s"] == max(found["kept"]["process_s"])
    assert found["within_aim"] == (found["kept"]["slowest_s"] <= found["aim_s"])
    assert found["trained"]["training_s"] > 0
    assert min(found["copied_labels"]["process_s"]) > 0


def test_fields_do_not_cut_across_the_squares_that_are_labelled() -> None:
    rows, cols = np.ogrid[0:96, 0:160]
    classes = preview.class_of(rows, cols)
    assert classes.shape == (96, 160)
    assert set(np.unique(classes)) == {0, 1, 2, 3, 4}
    assert len(np.unique(classes[32 + 8 : 32 + 14, 64 + 8 : 64 + 14])) == 1
