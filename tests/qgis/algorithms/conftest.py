"""A tiny scene with labels, and a model trained on it once: most algorithms start from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recording_feedback import RecordingFeedback

# The smallest network on the smallest scene: the figures do not matter here, that they arrive does.
SMALL_TRAINING = {
    "CLASS_FIELD": "class_name",
    "MODEL": "hybridsn",
    "SPLIT": "blocks",
    "PATCH_SIZE": 9,
    "COMPONENTS": 13,
    "EPOCHS": 2,
    "BLOCK_SIZE": 9,
    "TRAIN_SHARE": 0.3,
    "DEVICE": "cpu",
}

# What the engine answers through ``processing.run``, which is the same in any QGIS. The newer one still opens the form of
# each algorithm, runs each of them once, cancels each, and reads batch rows and models.
ENGINE_ANSWERS = {
    "test_assess_with_sample",
    "test_band_importance",
    "test_bad_input",
    "test_beside_the_map",
    "test_check_labels",
    "test_compare_models",
    "test_engine_tools",
    "test_explain_pixel",
    "test_form_words",
    "test_layer_names",
    "test_log_order",
    "test_model_information",
    "test_new_map_product",
    "test_products",
    "test_suggest_labels",
    "test_toys",
    "test_two_sources",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in ENGINE_ANSWERS:
            item.add_marker(pytest.mark.one_qgis)


@dataclass(frozen=True)
class World:
    """Files of a small world: 72 rows × 64 columns, 16 bands, three classes; ``few`` are polygons in a corner of it."""

    folder: Path
    scene: str
    labels: str
    polygons: str
    few: str


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    import gdal_scenes

    folder = tmp_path_factory.mktemp("world")
    size = {"rows": 72, "cols": 64}
    return World(
        folder=folder,
        scene=str(gdal_scenes.write_scene(folder / "scene.tif", bands=16, **size)),
        labels=str(gdal_scenes.write_labels(folder / "labels.tif", **size)),
        polygons=str(gdal_scenes.write_polygons(folder / "polygons.gpkg", **size)),
        few=str(gdal_scenes.write_polygons(folder / "few.gpkg", rows=22, cols=36)),
    )


@pytest.fixture(scope="session")
def run(provider: Any) -> Callable[..., dict[str, Any]]:
    """``run("fit_pca", {…})`` as a script would, through ``processing.run``."""
    import processing

    def start(name: str, parameters: dict[str, Any], feedback: RecordingFeedback | None = None) -> dict[str, Any]:
        return processing.run(f"hsi:{name}", parameters, feedback=feedback or RecordingFeedback())

    return start


@pytest.fixture(scope="session")
def trained(run: Callable[..., dict[str, Any]], world: World) -> dict[str, Any]:
    """Results of a training on the polygons."""
    outputs = {"OUTPUT": str(world.folder / "small.hsimodel"), "SPLIT_OUTPUT": str(world.folder / "split.tif")}
    return run("train_classifier", {"SCENE": world.scene, "LABELS": world.polygons, **SMALL_TRAINING, **outputs})


@pytest.fixture(scope="session")
def mapped(run: Callable[..., dict[str, Any]], world: World, trained: dict[str, Any]) -> dict[str, Any]:
    """Results of a mapping with that model."""
    output = str(world.folder / "map.tif")
    return run("classify_scene", {"SCENE": world.scene, "MODEL": trained["OUTPUT"], "OUTPUT": output, "DEVICE": "cpu"})


@pytest.fixture
def small_training() -> dict[str, Any]:
    """Settings of a training that takes a second."""
    return dict(SMALL_TRAINING)
