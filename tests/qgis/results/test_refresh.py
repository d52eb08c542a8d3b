"""A map that is written over a file on show is the map that is shown."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsPointXY, QgsProject, QgsRasterLayer, QgsVectorLayer

from qgis_plugin.results import refresh_overwritten, refuse_open_outputs, refuse_unsaved_edits

CLASS = '<paletteEntry value="{value}" color="#0072b2" alpha="255" label="{label}"/>'
STYLE = (
    '<qgis><pipe><rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1"><colorPalette>{}</colorPalette>'
    "</rasterrenderer></pipe></qgis>"
)


@pytest.fixture
def layer(labels_path, qgis_new_project) -> QgsRasterLayer:
    shown = QgsRasterLayer(str(labels_path), "old map")
    QgsProject.instance().addMapLayer(shown)
    return shown


def replace(path, value: int) -> None:
    """Write another raster beside and rename it, as the engine does."""
    other = path.with_name("new.tif")
    gdal.Translate(str(other), str(path))
    dataset = gdal.Open(str(other), gdal.GA_Update)
    band = dataset.GetRasterBand(1)
    band.WriteArray(np.full((band.YSize, band.XSize), value, dtype=np.uint8))
    del band, dataset
    other.replace(path)


def value_in_the_middle(layer: QgsRasterLayer) -> float:
    value, valid = layer.dataProvider().sample(QgsPointXY(layer.extent().center()), 1)
    assert valid
    return value


def test_values_and_legend_are_those_of_the_new_file(layer, labels_path, feedback):
    before = value_in_the_middle(layer)
    replace(labels_path, 77)
    labels_path.with_suffix(".qml").write_text(STYLE.format(CLASS.format(value=77, label="new class")))
    assert value_in_the_middle(layer) == before  # the old file is still open
    painted = []
    layer.repaintRequested.connect(lambda: painted.append(True))
    refresh_overwritten(QgsProject.instance(), str(labels_path), feedback)
    assert value_in_the_middle(layer) == 77
    assert [(c.value, c.label) for c in layer.renderer().classes()] == [(77, "new class")]
    assert painted
    assert "Layer 'old map' shows the new" in feedback.everything


def test_another_spelling_of_the_path_is_the_same_file(layer, labels_path, feedback):
    folder = labels_path.parent / "folder"
    folder.mkdir()
    replace(labels_path, 78)
    refresh_overwritten(QgsProject.instance(), str(folder / ".." / labels_path.name), feedback)
    assert value_in_the_middle(layer) == 78


def test_other_layers_are_left_alone(layer, scene_path, feedback):
    refresh_overwritten(QgsProject.instance(), str(scene_path), feedback)
    assert feedback.everything == ""


def test_an_output_that_windows_would_not_replace_is_refused(layer, labels_path, tmp_path):
    project, free = QgsProject.instance(), str(tmp_path / "free.tif")
    refusal = refuse_open_outputs(project, [free, str(labels_path)], locks_open_files=True)
    assert "is open as layer 'old map', and Windows cannot replace open files" in refusal
    assert "Remove the layer from the project first" in refusal
    assert refuse_open_outputs(project, [free], locks_open_files=True) is None
    assert refuse_open_outputs(project, [free, str(labels_path)], locks_open_files=False) is None


def test_an_output_over_a_layer_with_unsaved_edits_is_refused(polygons_path, tmp_path, qgis_new_project):
    project, outputs = QgsProject.instance(), {"Map": str(tmp_path / "free.tif"), "Polygons": str(polygons_path)}
    fields = QgsVectorLayer(f"{polygons_path}|layername={polygons_path.stem}", "fields")
    assert fields.isValid()
    project.addMapLayer(fields)
    assert fields.startEditing()
    assert refuse_unsaved_edits(project, outputs) is None  # nothing was changed yet

    assert fields.changeAttributeValue(1, fields.fields().lookupField("class_name"), "changed")
    refusal = refuse_unsaved_edits(project, outputs)
    assert refusal.startswith(f"Polygons: layer 'fields' shows {polygons_path} and has unsaved edits")
    assert refusal.endswith("Save or discard the edits of the layer, or choose another name for the output.")
    assert refuse_unsaved_edits(project, {"Map": outputs["Map"]}) is None

    assert fields.commitChanges(), fields.commitErrors()
    assert refuse_unsaved_edits(project, outputs) is None
