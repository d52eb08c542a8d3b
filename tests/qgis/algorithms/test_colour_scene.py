"""Show scene in colour, through ``processing.run`` and as a dialog and a model run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsLayerTree,
    QgsLayerTreeModel,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterRasterLayer,
    QgsProject,
    QgsRasterLayer,
    QgsSingleBandGrayRenderer,
)
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QApplication

import gdal_scenes
from dialog_run import run_as_a_dialog_does
from qgis_plugin.provider import HsiProvider
from qgis_plugin.results.scene_colours import SceneColours, show_scene
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def layer(qgis_new_project: None, scene_path: Path) -> QgsRasterLayer:
    added = QgsRasterLayer(str(scene_path), "my scene")
    QgsProject.instance().addMapLayer(added)
    return added


def drawn(layer: QgsRasterLayer) -> np.ndarray:
    """What QGIS draws of a layer, pixel by pixel, (rows, cols, 4) as red, green, blue, alpha."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(layer.width(), layer.height()))
    settings.setBackgroundColor(settings.backgroundColor().fromRgb(0, 0, 0, 0))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    rows, cols = image.height(), image.width()
    colours = [[image.pixelColor(col, row) for col in range(cols)] for row in range(rows)]
    return np.array([[[c.red(), c.green(), c.blue(), c.alpha()] for c in line] for line in colours])


def test_the_layer_gets_a_style_and_keeps_the_one_it_had(
    run: Run, layer: QgsRasterLayer, feedback: RecordingFeedback
) -> None:
    before = layer.renderer().usesBands()
    results = run("colour_scene", {"SCENE": layer, "COMPOSITE": "near_infrared"}, feedback)

    assert results == {"TITLE": "Near infrared", "RED_BAND": 10, "GREEN_BAND": 5, "BLUE_BAND": 3}
    renderer = layer.renderer()
    assert isinstance(renderer, QgsMultiBandColorRenderer)
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (10, 5, 3)
    assert layer.styleManager().currentStyle() == "Near infrared"
    layer.styleManager().setCurrentStyle("default")
    assert layer.renderer().usesBands() == before != [10, 5, 3]
    assert "Layer 'my scene' is shown in the style “Near infrared”." in feedback.infos

    run("colour_scene", {"SCENE": layer.id(), "COMPOSITE": "near_infrared"})
    assert sorted(layer.styleManager().styles()) == ["Near infrared", "default"]


def test_limits_are_those_of_the_values_that_qgis_draws(run: Run, layer: QgsRasterLayer) -> None:
    run("colour_scene", {"SCENE": layer, "COMPOSITE": "true_colour"})

    red = layer.renderer().redContrastEnhancement()
    dataset = gdal.Open(layer.source())  # the band lives as long as it does
    band = dataset.GetRasterBand(layer.renderer().redBand())
    stored = band.ReadAsArray().astype(float)
    low, high = np.percentile(stored[stored != gdal_scenes.NODATA] * band.GetScale(), (2, 98))
    assert (red.minimumValue(), red.maximumValue()) == pytest.approx((low, high), rel=1e-6)
    colours = drawn(layer)
    assert (colours[..., 0].min(), colours[..., 0].max()) == (0, 255)
    hole = stored == gdal_scenes.NODATA
    assert (colours[..., 3][hole] == 0).all()
    assert (colours[..., 3][~hole] == 255).all()


def test_the_style_of_the_engine_draws_the_same(run: Run, layer: QgsRasterLayer, tmp_path: Path) -> None:
    style = tmp_path / "colours.qml"
    run("colour_scene", {"SCENE": layer, "STYLE": str(style)})
    other = QgsRasterLayer(layer.source(), "other")
    message, loaded = other.loadNamedStyle(str(style))

    assert loaded, message
    np.testing.assert_array_equal(drawn(other), drawn(layer))


def test_a_value_given_as_no_data_is_not_drawn(run: Run, layer: QgsRasterLayer, tmp_path: Path) -> None:
    target = tmp_path / "undeclared.tif"
    copy = gdal.Translate(str(target), layer.source(), noData="none")
    for number in range(1, copy.RasterCount + 1):
        numbers = copy.GetRasterBand(number).ReadAsArray()
        numbers[numbers == gdal_scenes.NODATA] = 0
        numbers[:7] = 0
        copy.GetRasterBand(number).WriteArray(numbers)
    copy.FlushCache()
    del copy
    undeclared = QgsRasterLayer(str(target), "undeclared")
    QgsProject.instance().addMapLayer(undeclared)

    style = tmp_path / "colours.qml"
    run("colour_scene", {"SCENE": undeclared, "NODATA": 0, "STYLE": str(style)})
    alpha = drawn(undeclared)[..., 3]
    other = QgsRasterLayer(str(target), "other")
    other.loadNamedStyle(str(style))

    assert (alpha[:7] == 0).all()
    assert (alpha[7:20] == 255).all()
    np.testing.assert_array_equal(drawn(other)[..., 3], alpha)


def test_a_scene_that_is_not_in_the_project_is_added_in_colour(
    qgis_iface: Any, qgis_new_project: None, provider: HsiProvider, scene_path: Path, feedback: RecordingFeedback
) -> None:
    import processing

    processing.runAndLoadResults("hsi:colour_scene", {"SCENE": str(scene_path)}, feedback=feedback)

    (added,) = QgsProject.instance().mapLayers().values()
    assert added.name() == "scene"
    assert added.styleManager().currentStyle() == "True colour"
    assert isinstance(added.renderer(), QgsMultiBandColorRenderer)


def test_without_a_project_layer_a_script_gets_its_files(run: Run, scene_path: Path, tmp_path: Path) -> None:
    files = {
        "STYLE": str(tmp_path / "scene.qml"),
        "PICTURE": str(tmp_path / "scene.png"),
        "IMAGE": str(tmp_path / "image.tif"),
    }
    results = run("colour_scene", {"SCENE": str(scene_path), **files})

    assert {name: results[name] for name in files} == files
    assert [Path(path).stat().st_size > 0 for path in files.values()] == [True] * 3
    picture = QgsRasterLayer(files["IMAGE"], "image")
    assert (picture.bandCount(), picture.width(), picture.height()) == (3, gdal_scenes.COLS, gdal_scenes.ROWS)


def _loaded(path: Path) -> QgsProcessingOutputLayerDefinition:
    return QgsProcessingOutputLayerDefinition(str(path), QgsProject.instance())


def test_on_the_thread_of_a_dialog(
    provider: HsiProvider, layer: QgsRasterLayer, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    parameters = {"SCENE": layer.id(), "IMAGE": _loaded(tmp_path / "image.tif")}
    results = run_as_a_dialog_does(provider.algorithm("colour_scene").create(), parameters, context, feedback)

    assert layer.styleManager().currentStyle() == "True colour"
    details = context.layerToLoadOnCompletionDetails(results["IMAGE"])
    assert details.name == "my scene – in colour"


def test_as_a_step_of_a_model_on_a_thread_of_its_own(
    provider: HsiProvider, layer: QgsRasterLayer, feedback: RecordingFeedback
) -> None:
    model = QgsProcessingModelAlgorithm("Look", "test")
    model.addModelParameter(QgsProcessingParameterRasterLayer("scene", "Scene"), QgsProcessingModelParameter("scene"))
    child = QgsProcessingModelChildAlgorithm("hsi:colour_scene")
    child.setChildId("colour")
    source = QgsProcessingModelChildParameterSource
    for definition in child.algorithm().parameterDefinitions():
        if not definition.isDestination():
            child.addParameterSources(definition.name(), [source.fromStaticValue(definition.defaultValue())])
    child.addParameterSources("SCENE", [source.fromModelParameter("scene")])
    child.addParameterSources("COMPOSITE", [source.fromStaticValue("near_infrared")])
    model.addChildAlgorithm(child)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())

    run_as_a_dialog_does(model, {"scene": layer.id()}, context, feedback)
    QApplication.processEvents()  # the layer is styled when the main thread has time

    assert layer.styleManager().currentStyle() == "Near infrared"


def test_a_layer_that_is_gone_meanwhile_is_no_error(
    provider: HsiProvider, layer: QgsRasterLayer, feedback: RecordingFeedback
) -> None:
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = provider.algorithm("colour_scene").create()
    assert algorithm.prepare({"SCENE": layer.id()}, context, feedback)
    QgsProject.instance().removeMapLayer(layer.id())
    algorithm.runPrepared({"SCENE": ""}, context, feedback)

    algorithm.postProcess(context, feedback)

    assert list(context.layersToLoadOnCompletion()) != []


def test_what_the_wavelengths_do_not_allow_is_refused_with_what_they_do(run: Run, layer: QgsRasterLayer) -> None:
    with pytest.raises(QgsProcessingException, match=r"from 430\.0 to 980\.0 nm.*“True colour” or “Near infrared”"):
        run("colour_scene", {"SCENE": layer, "COMPOSITE": "short_wave_infrared"})
    assert layer.styleManager().styles() == ["default"]


def test_one_band_is_shown_in_grey(run: Run, qgis_new_project: None, make_scene: Callable[..., Path]) -> None:
    single = QgsRasterLayer(str(make_scene("one.tif", bands=1, wavelengths=False)), "one")
    QgsProject.instance().addMapLayer(single)
    results = run("colour_scene", {"SCENE": single})

    assert (results["TITLE"], results["RED_BAND"], results["BLUE_BAND"]) == ("Grey", 1, 1)
    assert isinstance(single.renderer(), QgsSingleBandGrayRenderer)


def test_the_legend_follows(layer: QgsRasterLayer) -> None:
    tree = QgsLayerTree()
    node = tree.addLayer(layer)
    model = QgsLayerTreeModel(tree)
    channels = [{"band": band, "low": 0, "high": 4000} for band in (7, 4, 2)]
    show_scene(layer, SceneColours.of_result({"title": "True colour", "channels": channels, "nodata_given": None}))

    labels = [one.data(Qt.ItemDataRole.DisplayRole) for one in model.layerLegendNodes(node)]
    assert [label.partition(":")[0] for label in labels if label.startswith("Band")][-3:] == [
        "Band 07",
        "Band 04",
        "Band 02",
    ]
