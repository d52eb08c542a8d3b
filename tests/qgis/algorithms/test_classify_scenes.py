"""Classify many scenes: a folder of three, one of them broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessingException, QgsProject

import gdal_scenes
from recording_feedback import RecordingFeedback


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flights")
    for name in ("north", "south"):
        gdal_scenes.write_scene(folder / f"{name}.tif", rows=72, cols=64, bands=16)
    (folder / "west.tif").write_bytes((folder / "north.tif").read_bytes()[:4000])
    return folder


def test_two_maps_a_page_and_the_third_scene_named(
    qgis_processing: None, trained: dict[str, Any], flights: Path, tmp_path: Path, feedback: RecordingFeedback
) -> None:
    import processing

    QgsProject.instance().clear()
    out = tmp_path / "maps"
    parameters = {
        "SCENES": str(flights),
        "MODEL": trained["OUTPUT"],
        "OUTPUT": str(out),
        "DEVICE": "cpu",
        "PROCESSES": 1,
    }
    results = processing.runAndLoadResults("hsi:classify_scenes", parameters, feedback=feedback)

    assert (results["MAPPED"], results["FAILED"], results["REFUSED"]) == (2, 1, 0)
    layers = {layer.name(): layer for layer in QgsProject.instance().mapLayers().values()}
    assert set(layers) == {"north_map", "south_map"}
    labels = [entry.label for entry in layers["north_map"].renderer().classes()]
    assert labels == [entry.label for entry in layers["south_map"].renderer().classes()]
    assert "water" in labels
    (warning,) = (text for text in feedback.warnings if "west.tif" in text)
    assert "failed" in warning
    assert "truncated or damaged" in warning
    assert Path(results["PAGE"]) == out / "index.html"
    assert "1 scene of 3 has no map" in Path(results["PAGE"]).read_text(encoding="utf-8")
    assert "2 scenes mapped, 0 had their map." in feedback.infos


@pytest.mark.one_qgis
def test_cancelling_leaves_no_part_of_a_map(
    qgis_processing: None, trained: dict[str, Any], flights: Path, tmp_path: Path
) -> None:
    import processing

    folder, out = tmp_path / "scenes", tmp_path / "maps"
    folder.mkdir()
    (folder / "a.tif").write_bytes((flights / "west.tif").read_bytes())
    # So large that it is not mapped before the cancel arrives.
    gdal_scenes.write_scene(folder / "b.tif", rows=500, cols=600, bands=16)
    feedback = RecordingFeedback(lambda text: feedback.cancel() if "a.tif failed" in text else None)
    parameters = {"SCENES": str(folder), "MODEL": trained["OUTPUT"], "OUTPUT": str(out), "PROCESSES": 1}
    with pytest.raises(
        QgsProcessingException, match=r"Cancelled\. 0 maps are finished and kept; start it again to continue"
    ):
        processing.run("hsi:classify_scenes", parameters, feedback=feedback)
    assert {file.name for file in out.iterdir()} <= {"manifest.jsonl", ".whole.lock"}


@pytest.mark.one_qgis
def test_a_dry_run_writes_nothing(
    qgis_processing: None, trained: dict[str, Any], flights: Path, tmp_path: Path, feedback: RecordingFeedback
) -> None:
    import processing

    parameters = {"SCENES": str(flights), "MODEL": trained["OUTPUT"], "OUTPUT": str(tmp_path / "maps"), "DRY_RUN": True}
    results = processing.run("hsi:classify_scenes", parameters, feedback=feedback)
    assert results["PAGE"] is None
    assert "2 scenes would be mapped." in feedback.infos
    assert not list(tmp_path.glob("maps/*"))
