"""The benchmark of training and its picture, on a few pixels and two epochs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from benchmarks.training import measure

TOOL = Path(__file__).parents[2] / "tools" / "pictures" / "training.py"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return measure({"epochs": 2, "train_share": 0.004, "patch_size": 9}, seeds=(0,), followed=(2,))


@pytest.fixture
def picture_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("training_picture", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_states_accuracy_and_time_of_both_sides(found: dict[str, Any]) -> None:
    (accuracy,) = found["overall_accuracy"]
    assert found["mean_overall_accuracy"] == accuracy
    assert found["training_pixels"] + found["test_pixels"] == 10_249
    assert found["reference"]["seconds"] == pytest.approx(50 * sum(found["reference"]["epoch_seconds"]))
    assert found["ratio"] == pytest.approx(found["reference"]["seconds"] / found["ours"]["seconds"][0])
    json.dumps(found)


def test_the_curve_of_ours_ends_where_the_job_ended(found: dict[str, Any]) -> None:
    ours, reference = found["curves"]["ours"], found["curves"]["reference"]
    assert [point["epoch"] for point in ours] == [point["epoch"] for point in reference] == [1, 2]
    # The same seed and settings: the curve follows the very run whose accuracy is stated.
    assert ours[-1]["overall_accuracy"] == pytest.approx(found["overall_accuracy"][0], abs=2e-4)
    assert reference[-1]["seconds"] == pytest.approx(sum(found["reference"]["epoch_seconds"]))


def test_the_curves_are_drawn(found: dict[str, Any], picture_tool: ModuleType, tmp_path: Path) -> None:
    picture_tool.draw(found, tmp_path / "training.png")
    assert (tmp_path / "training.png").read_bytes().startswith(b"\x89PNG")
