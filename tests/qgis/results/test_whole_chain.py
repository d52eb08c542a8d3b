"""From labels on the canvas to a map on the canvas: the same names and the same colours, on a real scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFeature,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPalettedRasterRenderer,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsSymbol,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

# Class as in the file → label and colour of the user's style, in the user's order.
STYLE = {
    "water": ("Gewässer", "#1f78b4"),
    "tree": ("Bäume & Hecken", "#33a02c"),
    "low vegetation": ("Wiese, Acker", "#b2df8a"),
    "roof": ("Dach", "#e31a1c"),
    "pavement": ("Pflaster", "#999999"),
    "soil": ("Boden", "#b15928"),
}
QUICK = {"MODEL": "hybridsn", "SPLIT": "blocks", "COMPONENTS": 13, "PATCH_SIZE": 9, "EPOCHS": 1, "TRAIN_SHARE": 0.05}


def in_project(layer):
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def classify(layer: QgsVectorLayer, field: str) -> None:
    categories = []
    for text, (label, colour) in STYLE.items():
        symbol = QgsSymbol.defaultSymbol(layer.geometryType())
        symbol.setColor(QColor(colour))
        categories.append(QgsRendererCategory(text, symbol, label))
    layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))


def picture_of(layer: QgsRasterLayer) -> np.ndarray:
    """What QGIS paints, one pixel of the picture a pixel of the layer; (rows, cols, 3)."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(layer.width(), layer.height()))
    settings.setBackgroundColor(QColor("black"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = image.constBits().asarray(image.bytesPerLine() * image.height())
    pixels = np.array(rows, dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)


@pytest.fixture
def run(provider, qgis_iface, qgis_new_project, feedback):
    import processing

    return lambda name, values: processing.runAndLoadResults(f"hsi:{name}", {**QUICK, **values}, feedback=feedback)


def test_polygons_with_a_style_become_a_map_with_that_style(run, enmap, tmp_path, feedback):
    scene = in_project(QgsRasterLayer(str(enmap / "scene.tif"), "Potsdam"))
    labels = in_project(QgsVectorLayer(str(enmap / "polygons.gpkg"), "polygons"))
    classify(labels, "class_name")
    results = run(
        "train_and_classify",
        {
            "SCENE": scene,
            "LABELS": labels,
            "OUTPUT": str(tmp_path / "map.tif"),
            "CONFIDENCE": str(tmp_path / "confidence.tif"),
            "MODEL_OUTPUT": str(tmp_path / "map.hsimodel"),
        },
    )
    assert Path(results["OUTPUT"]).is_file()
    by_name = {layer.name(): layer for layer in QgsProject.instance().mapLayers().values()}
    assert set(by_name) == {"Potsdam", "polygons", "Potsdam – classes", "Potsdam – confidence"}

    renderer = by_name["Potsdam – classes"].renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    assert [(c.label, c.color.name()) for c in renderer.classes()] == list(STYLE.values())
    assert by_name["Potsdam – confidence"].renderer().type() == "singlebandpseudocolor"
    assert "The class field is 'class_name'" in feedback.everything

    values = gdal.Open(results["OUTPUT"]).ReadAsArray()
    colours = {c.value: (c.color.red(), c.color.green(), c.color.blue()) for c in renderer.classes()}
    expected = np.array([colours.get(value, (0, 0, 0)) for value in range(256)], dtype=np.uint8)[values]
    assert (values > 0).any()
    np.testing.assert_array_equal(picture_of(by_name["Potsdam – classes"]), expected)


def test_selected_features_of_a_memory_layer_in_another_crs(run, make_scene, tmp_path, feedback):
    import gdal_scenes

    scene = in_project(QgsRasterLayer(str(make_scene(bands=16)), "fields"))
    file = QgsVectorLayer(str(gdal_scenes.write_polygons(tmp_path / "degrees.gpkg", epsg=4326)))
    drawn = in_project(QgsVectorLayer("Polygon?crs=EPSG:4326", "drawn", "memory"))
    drawn.dataProvider().addAttributes(file.fields().toList()[1:])
    drawn.updateFields()
    drawn.startEditing()
    for feature in file.getFeatures():
        copy = QgsFeature(drawn.fields())
        copy.setAttributes(feature.attributes()[1:])
        copy.setGeometry(feature.geometry())
        drawn.addFeature(copy)
    drawn.selectByExpression("\"class_name\" <> 'meadow'")
    results = run(
        "train_classifier",
        {
            "SCENE": scene,
            "LABELS": QgsProcessingFeatureSourceDefinition(drawn.id(), True),
            "CLASS_FIELD": "class_name",
            "SPLIT": "random",
            "OUTPUT": str(tmp_path / "fields.hsimodel"),
        },
    )
    assert results["CLASSES"] == 2
    # Eleven fields of 80 pixels, of which 20 lie in the hole of the scene.
    assert f"Of {11 * 80 - 20} labelled pixels" in feedback.everything
    assert "because only the selected ones are used" in feedback.everything
    drawn.rollBack()
