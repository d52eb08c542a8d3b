"""Compare models, through ``processing.run``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessingException

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


def test_two_models_to_a_report(run: Run, world: Any, feedback: RecordingFeedback, tmp_path: Path) -> None:
    out, page = tmp_path / "r.json", tmp_path / "r.html"
    results = run(
        "compare_models",
        {
            "SCENE": world.scene,
            "LABELS": world.polygons,
            "CLASS_FIELD": "class_name",
            "MODELS": "lda, logistic_regression",
            "SEEDS": 1,
            "RESULTS": str(out),
            "REPORT": str(page),
        },
        feedback,
    )
    written = json.loads(out.read_text(encoding="utf-8"))
    assert results["BEST"] == written["best"]
    assert results["VERDICT"] == written["verdict"]
    assert results["COMPARED"] == 2
    assert results["OVERALL_ACCURACY"] == written["models"][0]["overall_accuracy"]["mean"]
    assert "Which differences are more than chance?" in page.read_text(encoding="utf-8")
    assert feedback.commands[0].startswith(f"hsi compare --scene {world.scene} --labels {world.polygons}")


@pytest.mark.one_qgis
def test_a_name_that_no_model_has(run: Run, world: Any, tmp_path: Path) -> None:
    given = {"SCENE": world.scene, "LABELS": world.polygons, "MODELS": "ldaa, svm", "RESULTS": str(tmp_path / "r.json")}
    with pytest.raises(QgsProcessingException, match=r"no model called 'ldaa'.*lda"):
        run("compare_models", given)
