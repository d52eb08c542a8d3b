"""A model whose prediction takes long says so before it starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import hsi_engine
import make_scenes
from hsi_engine.operations.classify_scene import mapping_cost


class Listener(hsi_engine.SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        self.said.append(message)


@pytest.mark.parametrize(("model", "size"), [("svm", "support vectors"), ("random_forest", "nodes"), ("lda", None)])
def test_the_cost_is_said_before_the_map(
    make_scene: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, size: str | None
) -> None:
    monkeypatch.setattr(mapping_cost, "_WORTH_SAYING_S", 0.0)
    scene = make_scene(rows=30, cols=41)
    labels = make_scenes.write_polygons(scene.with_name("polygons.gpkg"), like=scene)
    trained = hsi_engine.train_classifier(
        scene=scene, labels=labels, class_field="class_id", output=tmp_path / "m.hsimodel", model=model, split="none"
    )
    listener = Listener()
    hsi_engine.classify_scene(scene=scene, model=trained.model, output=tmp_path / "map.tif", reporter=listener)
    about = [text for text in listener.said if text.startswith("Classifying this scene takes about")]
    assert len(about) == (size is not None)
    assert all(f" {size}." in text for text in about)
