"""Layers of one run: the class map on top and ticked, all else below it, in whatever order QGIS loads them."""

from __future__ import annotations

import itertools

import pytest
from qgis.core import QgsProject, QgsRasterLayer

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
