"""Exporting a model in QGIS, and mapping a scene with what was exported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal

from qgis_plugin.engine.model_files import list_models
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


def test_what_is_exported_maps_the_scene_as_the_model_does(
    run: Run, world: Any, trained: dict[str, Any], tmp_path: Path, feedback: RecordingFeedback
) -> None:
    exported = {"DENSE": "m.onnx", "STAC": "m.json", "CARD": "m.md"}
    found = run(
        "export_model",
        {"MODEL": trained["OUTPUT"], "SCENE": world.scene} | {key: str(tmp_path / f) for key, f in exported.items()},
        feedback,
    )
    assert {key: Path(found[key]).name for key in exported} == exported
    assert "agree" in "\n".join(feedback.infos)
    item = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))
    assert item["assets"]["model"]["href"] == "m.onnx"
    assert (tmp_path / "m.md").read_text(encoding="utf-8").startswith("# Model card")
    (listed,) = list_models(tmp_path)
    assert (listed.path.name, len(listed.classes)) == ("m.onnx", 3)

    maps = []
    for model in (trained["OUTPUT"], found["DENSE"]):
        to = str(tmp_path / f"{Path(model).stem}_{len(maps)}.tif")
        mapped = run("classify_scene", {"SCENE": world.scene, "MODEL": model, "DEVICE": "cpu", "OUTPUT": to})
        maps.append(gdal.Open(mapped["OUTPUT"]).ReadAsArray())
    np.testing.assert_array_equal(maps[1], maps[0])
