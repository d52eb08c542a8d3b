"""Band importance, through ``processing.run``: figures, page and words in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recording_feedback import RecordingFeedback


@pytest.mark.one_qgis
def test_the_importance_of_bands_arrives(
    run: Callable[..., dict[str, Any]],
    world: Any,
    trained: dict[str, Any],
    feedback: RecordingFeedback,
    tmp_path: Path,
) -> None:
    page = tmp_path / "importance.html"
    found = run(
        "band_importance",
        {
            "SCENE": world.scene,
            "LABELS": world.polygons,
            "CLASS_FIELD": "class_name",
            "MODEL": trained["OUTPUT"],
            "REPEATS": 2,
            "GROUPS": 3,
            "FOLDS": 2,
            "PIXELS": 60,
            "REPORT": str(page),
            "DEVICE": "cpu",
        },
        feedback,
    )
    everything = json.loads(found["IMPORTANCE"])
    assert found["GROUP_COUNT"] == len(everything["groups"]) <= 3
    assert sorted(n for group in everything["groups"] for n in group["bands"]) == list(range(1, 17))
    assert found["TESTED_PIXELS"] == everything["tested_pixels"] <= 60
    assert found["HEADLINE"] in page.read_text(encoding="utf-8")
    assert any("is trained again for each of 2 folds: 2 trainings" in line for line in feedback.infos)
    assert any(line.startswith("  Bands ") for line in feedback.infos)
    assert feedback.commands[0].startswith("hsi importance --scene ")
