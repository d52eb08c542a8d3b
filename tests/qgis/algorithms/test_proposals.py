"""A form opens with the layers that are meant; scripts and models are given nothing."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import processing
import pytest
import qgis.utils
from osgeo import gdal
from processing.gui.wrappers import WidgetWrapperFactory
from qgis.core import (
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtWidgets import QDialog

from qgis_plugin.provider import HsiProvider


@pytest.fixture
def project(qgis_new_project, make_scene, labels_path, polygons_path) -> QgsProject:
    """A scene, a photograph, points, polygons and, on top of all, a class map of an earlier run."""
    project = QgsProject.instance()
    class_map = QgsRasterLayer(str(labels_path), "scene – classes")
    classes = QgsPalettedRasterRenderer.classDataFromRaster(class_map.dataProvider(), 1)
    class_map.setRenderer(QgsPalettedRasterRenderer(class_map.dataProvider(), 1, classes))
    points = QgsVectorLayer("Point?crs=EPSG:32633&field=class_name:string", "points", "memory")
    for layer in (
        QgsRasterLayer(str(make_scene("photograph.tif", bands=3)), "photograph"),
        QgsRasterLayer(str(make_scene("scene.tif", bands=12)), "scene"),
        QgsVectorLayer(str(polygons_path), "polygons"),
        points,
        class_map,
    ):
        assert layer.isValid()
        project.addMapLayer(layer)
    return project


def shown(provider: HsiProvider, algorithm: str, name: str) -> str | None:
    """Name of the layer with which the form of an algorithm opens."""
    made, dialog = provider.algorithm(algorithm).create(), QDialog()
    wrapper = WidgetWrapperFactory.create_wrapper(made.parameterDefinition(name), dialog)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    widget = wrapper.createWrappedWidget(context)
    value = wrapper.parameterValue()
    widget.deleteLater()
    layer = QgsProject.instance().mapLayer(str(getattr(value, "source", value)))
    return None if layer is None else layer.name()


@pytest.mark.parametrize(
    ("algorithm", "parameter", "layer"),
    [
        ("train_and_classify", "SCENE", "scene"),
        ("train_and_classify", "LABELS", "polygons"),
        ("train_and_classify", "LABELS_RASTER", None),
        ("classify_scene", "SCENE", "scene"),
        ("assess_map", "MAP", "scene – classes"),
        ("assess_map", "SCENE", None),
        ("assess_map", "REFERENCE", None),
        ("check_labels", "LABELS", "polygons"),
        ("clean_map", "MAP", "scene – classes"),
    ],
)
def test_the_form_opens_with_what_is_meant(project, provider: HsiProvider, algorithm, parameter, layer) -> None:
    assert shown(provider, algorithm, parameter) == layer


def test_the_class_field_of_the_proposed_polygons_is_proposed_too(project, provider: HsiProvider) -> None:
    made = provider.algorithm("train_and_classify").create()
    assert made.parameterDefinition("CLASS_FIELD").defaultValueForGui() == "class_id"


def test_nothing_is_proposed_for_the_class_field_of_a_reference(project, provider: HsiProvider) -> None:
    made = provider.algorithm("assess_map").create()
    assert made.parameterDefinition("CLASS_FIELD").defaultValueForGui() is None


def add_layer(project: QgsProject, name: str, geometry: str, fields: str) -> QgsVectorLayer:
    """An empty layer in memory, on top of all others."""
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:32633{fields}", name, "memory")
    assert layer.isValid()
    project.addMapLayer(layer)
    return layer


FINDINGS = "".join(f"&field={name}:string" for name in ("number", "class_name", "problem", "reason"))


@pytest.mark.parametrize(
    ("geometry", "fields"),
    [("Polygon", "&field=name:string"), ("LineString", "&field=class_name:string"), ("Polygon", FINDINGS)],
    ids=["no classes", "lines", "findings of a check"],
)
def test_a_layer_on_top_that_holds_no_labels_is_passed_over(
    project, provider: HsiProvider, monkeypatch, geometry, fields
) -> None:
    top = add_layer(project, "top", geometry, fields)
    assert shown(provider, "train_and_classify", "LABELS") == "polygons"
    select(monkeypatch, top)
    assert shown(provider, "train_and_classify", "LABELS") == "polygons"


@pytest.mark.parametrize("algorithm", ["train_and_classify", "check_labels", "preview_map"])
def test_the_selected_layer_comes_first(project, provider: HsiProvider, monkeypatch, algorithm) -> None:
    add_layer(project, "drawn", "Polygon", "&field=class_name:string")
    assert shown(provider, algorithm, "LABELS") == "drawn"
    for name in ("points", "polygons"):
        (layer,) = project.mapLayersByName(name)
        select(monkeypatch, layer)
        assert shown(provider, algorithm, "LABELS") == name
    (scene,) = project.mapLayersByName("scene")
    select(monkeypatch, scene)
    assert shown(provider, algorithm, "LABELS") == "drawn"


def test_suggested_points_are_added_to_the_labels_and_do_not_take_their_place(
    project, provider: HsiProvider, monkeypatch
) -> None:
    fields = "".join(f"&field={name}:double" for name in ("rank", "uncertainty", "dissimilarity"))
    suggested = add_layer(project, "suggested", "Point", f"{fields}&field=reference:string&field=class:string")
    select(monkeypatch, suggested)
    assert shown(provider, "train_and_classify", "LABELS") == "polygons"
    for name in ("polygons", "points"):
        (layer,) = project.mapLayersByName(name)
        project.removeMapLayer(layer.id())
    assert shown(provider, "train_and_classify", "LABELS") == "suggested"


def test_polygons_without_a_class_field_are_the_last_but_one_resort(
    qgis_new_project, provider: HsiProvider, monkeypatch
) -> None:
    monkeypatch.setattr(qgis.utils, "iface", None)
    project = QgsProject.instance()
    add_layer(project, "outlines", "Polygon", "&field=name:string")
    add_layer(project, "places", "Point", "&field=name:string")
    assert shown(provider, "train_and_classify", "LABELS") == "outlines"
    add_layer(project, "samples", "Point", "&field=class_name:string")
    assert shown(provider, "train_and_classify", "LABELS") == "samples"


def select(monkeypatch: pytest.MonkeyPatch, layer: QgsMapLayer) -> None:
    """As if the layer were selected in the layer tree of a desktop."""
    monkeypatch.setattr(qgis.utils, "iface", SimpleNamespace(activeLayer=lambda: layer))


def test_points_are_taken_where_there_are_no_polygons(project, provider: HsiProvider) -> None:
    (polygons,) = project.mapLayersByName("polygons")
    project.removeMapLayer(polygons.id())
    assert shown(provider, "train_and_classify", "LABELS") == "points"


def test_an_empty_project_proposes_nothing(qgis_new_project, provider: HsiProvider) -> None:
    assert shown(provider, "train_and_classify", "SCENE") is None


def test_scripts_are_given_no_layers(project, provider: HsiProvider) -> None:
    algorithm = provider.algorithm("train_and_classify").create()
    assert algorithm.parameterDefinition("SCENE").defaultValue() is None
    accepted, message = algorithm.checkParameterValues({}, QgsProcessingContext())
    assert not accepted
    assert "Scene" in message


@pytest.fixture
def tagged(make_scene, tmp_path):
    """Adds a raster layer whose file has tags, on top of all others."""

    def add(project: QgsProject, name: str, bands: int, real: bool = False, **tags: str) -> None:
        source, path = make_scene(f"source_{name}.tif", bands=bands), tmp_path / f"{name}.tif"
        kind = gdal.GDT_Float32 if real else gdal.GDT_Byte if bands == 1 else gdal.GDT_UInt16
        written = gdal.Translate(str(path), str(source), outputType=kind, unscale=True, noData="none")
        for key, text in tags.items():
            written.SetMetadataItem(key, text)
        del written
        layer = QgsRasterLayer(str(path), name)
        assert layer.isValid()
        project.addMapLayer(layer)

    return add


def test_a_scene_that_was_denoised_is_not_proposed_for_denoising(project, provider: HsiProvider, tagged) -> None:
    tagged(project, "clean", 12, processing="denoised by hsi-engine 0.1.0: 5 components with signal")
    assert shown(provider, "denoise_scene", "SCENE") == "scene"
    assert shown(provider, "train_and_classify", "SCENE") == "clean", "what was made last is worked on"
    (scene,) = project.mapLayersByName("scene")
    project.removeMapLayer(scene.id())
    assert shown(provider, "denoise_scene", "SCENE") == "clean", "there is no other"


@pytest.mark.parametrize(("algorithm", "name"), [("clean_map", "MAP"), ("assess_map", "MAP")])
def test_our_own_map_comes_first_and_nothing_else_is_taken_for_one(
    project, provider: HsiProvider, tagged, algorithm, name
) -> None:
    tagged(project, "own map", 1, HSI_METHOD="Random forest")
    tagged(project, "confidence", 1, real=True, HSI_METHOD="Random forest")
    tagged(project, "large scene", 20)
    assert shown(provider, algorithm, name) == "own map", "also without its style"
    for other in ("own map", "scene – classes"):
        (layer,) = project.mapLayersByName(other)
        project.removeMapLayer(layer.id())
    assert shown(provider, algorithm, name) is None
    made = provider.algorithm(algorithm).create()
    values = {name: made.parameterDefinition(name).defaultValueForGui(), "OUTPUT": "TEMPORARY_OUTPUT"}
    accepted, message = made.checkParameterValues(values, QgsProcessingContext())
    assert not accepted
    assert message == "Class map: choose a raster layer or a raster file."


@pytest.fixture
def sampled(qgis_new_project, provider: HsiProvider, make_scene, world, tmp_path, monkeypatch) -> QgsProject:
    """A scene, reference points of the map ``land cover``, that map, and another map on top of all; the points are active."""
    project = QgsProject.instance()
    project.addMapLayer(QgsRasterLayer(str(make_scene("scene.tif", bands=12)), "scene"))
    points = str(tmp_path / "points.gpkg")
    processing.run("hsi:sample_reference_points", {"MAP": world.labels, "POINTS": 30, "OUTPUT": points})
    layers = [QgsVectorLayer(points, "land cover – reference points"), QgsRasterLayer(world.labels, "land cover")]
    other = tmp_path / "other.tif"
    shutil.copy(world.labels, other)
    layers.append(QgsRasterLayer(str(other), "other"))
    for layer in layers:
        assert layer.isValid()
        if isinstance(layer, QgsRasterLayer):
            classes = QgsPalettedRasterRenderer.classDataFromRaster(layer.dataProvider(), 1)
            layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
        project.addMapLayer(layer)
    assert layers[0].startEditing()
    reference = layers[0].fields().lookupField("reference")
    for feature in list(layers[0].getFeatures()):
        layers[0].changeAttributeValue(feature.id(), reference, ("water", "soil")[feature.id() % 2])
    assert layers[0].commitChanges()
    select(monkeypatch, layers[0])
    return project


def test_assess_map_opens_with_the_sample_and_the_map_it_was_drawn_over(
    sampled, provider: HsiProvider, monkeypatch
) -> None:
    assert shown(provider, "assess_map", "REFERENCE") == "land cover – reference points"
    assert shown(provider, "assess_map", "MAP") == "land cover"
    made = provider.algorithm("assess_map").create()
    assert made.parameterDefinition("CLASS_FIELD").defaultValueForGui() is None, "the file says which it is"
    assert shown(provider, "clean_map", "MAP") == "other", "has nothing to do with a sample"
    monkeypatch.setattr(qgis.utils, "iface", None)
    assert shown(provider, "assess_map", "REFERENCE") == "land cover – reference points", "also if it is not active"
    (drawn_over,) = sampled.mapLayersByName("land cover")
    sampled.removeMapLayer(drawn_over.id())
    assert shown(provider, "assess_map", "MAP") == "other"


@pytest.mark.parametrize("algorithm", ["train_and_classify", "check_labels", "preview_map", "suggest_labels"])
def test_reference_points_are_not_proposed_as_training_labels(sampled, provider: HsiProvider, algorithm) -> None:
    assert shown(provider, algorithm, "LABELS") is None
