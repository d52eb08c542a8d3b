"""Products of missions in QGIS: the metadata, an archive or the image as the scene, and the imported layer."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsMultiBandColorRenderer, QgsRasterLayer

from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def product(enmap: Path) -> Path:
    """Folder of an EnMAP product as delivered."""
    return enmap.parent / "products" / "enmap_l2a"


def file_of(product: Path, ending: str) -> Path:
    (found,) = (file for file in product.iterdir() if file.name.endswith(ending))
    return found


@pytest.mark.parametrize("ending", ["METADATA.XML", "SPECTRAL_IMAGE.TIF", ""])
def test_a_product_is_a_scene(run: Run, product: Path, ending: str, feedback: RecordingFeedback) -> None:
    scene = file_of(product, ending) if ending else product
    results = run("scene_information", {"SCENE": str(scene)}, feedback)
    assert (results["ROWS"], results["COLS"], results["BANDS"], results["USABLE_BANDS"]) == (30, 40, 224, 209)
    assert any("Format: EnMAP L2A" in line for line in feedback.infos)
    assert any(
        "Quality layers: cloud 15 (masked), cloud shadow 8 (masked), cirrus 3" in line for line in feedback.infos
    )


def test_an_archive_is_a_scene(run: Run, product: Path, tmp_path: Path) -> None:
    archive = tmp_path / "order.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for member in product.iterdir():
            file.write(member, f"product/{member.name}")
    results = run("scene_information", {"SCENE": str(archive), "QUALITY": "keep"})
    assert results["VALID_SHARE"] == pytest.approx(846 / 1200)


def test_the_imported_scene_is_a_layer_in_false_colour(
    run: Run, product: Path, tmp_path: Path, feedback: RecordingFeedback
) -> None:
    parameters = {"SCENE": str(file_of(product, "METADATA.XML")), "OUTPUT": str(tmp_path / "scene.tif")}
    results = run("import_scene", parameters, feedback)
    assert len([line for line in feedback.log if "Quality layers mark" in line]) == 1
    assert any("set “Quality layers” to “Keep all pixels” to use them" in line for line in feedback.infos)
    layer = QgsRasterLayer(results["OUTPUT"], "scene")
    assert (layer.bandCount(), layer.crs().authid()) == (224, "EPSG:32633")
    renderer = layer.renderer()
    assert isinstance(renderer, QgsMultiBandColorRenderer)
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (75, 45, 28)
    assert 0 < renderer.redContrastEnhancement().minimumValue() < 1
