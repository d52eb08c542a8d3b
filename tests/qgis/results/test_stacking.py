"""Layers of one run: the class map on top and ticked, all else below it, in whatever order QGIS loads them."""

from __future__ import annotations

import itertools

import pytest
from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsRasterLayer, QgsSettings, QgsVectorLayer

from qgis_plugin.results.stacking import Stack

RANKS = {"classes": 0, "confidence": 2, "split": 3}


@pytest.mark.parametrize("order", list(itertools.permutations(RANKS)), ids="-".join)
def test_the_class_map_lies_on_top(qgis_new_project, labels_path, order) -> None:
    project, stack = QgsProject.instance(), Stack()
    root = project.layerTreeRoot()
    project.addMapLayer(QgsRasterLayer(str(labels_path), "mine"))
    for name in order:
        layer = QgsRasterLayer(str(labels_path), name)
        project.addMapLayer(layer)
        stack.add(layer, RANKS[name], project)

    assert [node.name() for node in root.findLayers()] == ["classes", "confidence", "split", "mine"]
    assert [node.itemVisibilityChecked() for node in root.findLayers()] == [True, False, False, True]
    assert [node.isExpanded() for node in root.findLayers()][:3] == [True, False, False]
    assert len(project.mapLayers()) == 4


def test_a_layer_that_is_in_no_tree_is_left_alone(qgis_new_project, labels_path) -> None:
    layer = QgsRasterLayer(str(labels_path), "elsewhere")
    Stack().add(layer, 0, QgsProject.instance())
    assert QgsProject.instance().layerTreeRoot().findLayers() == []


def names(group: QgsLayerTreeGroup) -> list[str]:
    return [node.name() for node in group.children()]


def in_project(layer: QgsMapLayer, group: QgsLayerTreeGroup | None = None) -> QgsMapLayer:
    """On top of all others, as QGIS puts it there, or in a group."""
    QgsProject.instance().addMapLayer(layer, group is None)
    if group is not None:
        group.addLayer(layer)
    return layer


@pytest.mark.parametrize("order", list(itertools.permutations(RANKS)), ids="-".join)
def test_maps_lie_on_the_rasters_of_their_scene_and_below_the_polygons(qgis_new_project, labels_path, order) -> None:
    project = QgsProject.instance()
    root = project.layerTreeRoot()
    for name in ("background", "scene", "earlier map"):
        in_project(QgsRasterLayer(str(labels_path), name))
    in_project(QgsVectorLayer("Polygon?crs=EPSG:32633", "polygons", "memory"))
    (scene,) = project.mapLayersByName("scene")
    stack = Stack(scene.id())
    for name in order:
        stack.add(in_project(QgsRasterLayer(str(labels_path), name)), RANKS[name], project)

    assert names(root) == ["polygons", "classes", "confidence", "split", "earlier map", "scene", "background"]
    assert len(project.mapLayers()) == 7


def test_a_map_lies_in_the_group_of_its_scene(qgis_new_project, labels_path) -> None:
    project = QgsProject.instance()
    group = project.layerTreeRoot().addGroup("2024")
    in_project(QgsVectorLayer("Polygon?crs=EPSG:32633", "polygons", "memory"), group)
    scene = in_project(QgsRasterLayer(str(labels_path), "scene"), group)
    classes = in_project(QgsRasterLayer(str(labels_path), "classes"))
    Stack(scene.id()).add(classes, 0, project)

    assert names(project.layerTreeRoot()) == ["2024"]
    assert names(group) == ["polygons", "classes", "scene"]


def test_labels_to_look_at_stay_on_top(qgis_new_project, labels_path) -> None:
    project = QgsProject.instance()
    scene = in_project(QgsRasterLayer(str(labels_path), "scene"))
    in_project(QgsVectorLayer("Polygon?crs=EPSG:32633", "polygons", "memory"))
    findings = in_project(QgsVectorLayer("Polygon?crs=EPSG:32633", "findings", "memory"))
    Stack(scene.id()).add(findings, 0, project)

    assert names(project.layerTreeRoot()) == ["findings", "polygons", "scene"]


def test_a_group_for_results_is_respected(qgis_new_project, labels_path) -> None:
    project, settings = QgsProject.instance(), QgsSettings()
    scene = in_project(QgsRasterLayer(str(labels_path), "scene"))
    results = project.layerTreeRoot().insertGroup(0, "Results")
    classes = in_project(QgsRasterLayer(str(labels_path), "classes"), results)
    settings.setValue("Processing/Configuration/RESULTS_GROUP_NAME", "Results")  # pragma: allowlist secret
    try:
        Stack(scene.id()).add(classes, 0, project)
    finally:
        settings.remove("Processing/Configuration/RESULTS_GROUP_NAME")  # pragma: allowlist secret

    assert names(results) == ["classes"]
