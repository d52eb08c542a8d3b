"""The order of what a run loads: the class map on top of its scene, all else unticked and folded below it."""

from __future__ import annotations

from qgis.core import (
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsLayerTreeNode,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsSettings,
)

# "Results group name" in the options of Processing, since QGIS 3.30: who names a group wants the results there.
_GROUP_SETTING = "/".join(("Processing", "Configuration", "RESULTS_GROUP_NAME"))


class Stack:
    """The layers of one run. Processing loads them in the order of their paths, which are random if temporary.

    Parameters
    ----------
    scene_id : the layer that was worked on; empty if it is not one of the project.
    """

    def __init__(self, scene_id: str = "") -> None:
        self._ranks: dict[str, int] = {}
        self._scene_id = scene_id

    def add(self, layer: QgsMapLayer, rank: int, project: QgsProject) -> None:
        """Put a loaded layer among those that came before it; the lowest rank lies on top and is shown.

        Rasters lie on top of the rasters of the scene, and below what else is above it, such as the training polygons.
        """
        root = project.layerTreeRoot()
        node = root.findLayer(layer.id())
        if node is None:
            return
        self._ranks[layer.id()] = rank
        show_legend(node, rank == 0)
        node.setItemVisibilityChecked(rank == 0)
        scene = root.findLayer(self._scene_id) if self._scene_id else None
        if scene is None or not isinstance(layer, QgsRasterLayer) or QgsSettings().value(_GROUP_SETTING, ""):
            self._sort([one for one in node.parent().findLayers() if one.layerId() in self._ranks])
            return
        nodes = [one for one in root.findLayers() if one.layerId() in self._ranks]
        self._move(nodes, *place_above(scene, self._ranks))

    def _sort(self, nodes: list[QgsLayerTreeLayer]) -> None:
        """Put the nodes in the order of their ranks, at the place of the topmost."""
        parent = nodes[0].parent()
        self._move(nodes, parent, min(parent.children().index(node) for node in nodes))

    def _move(self, nodes: list[QgsLayerTreeLayer], parent: QgsLayerTreeGroup, place: int) -> None:
        wanted = sorted(nodes, key=lambda node: self._ranks[node.layerId()])
        if wanted == parent.children()[place : place + len(wanted)]:
            return
        # The clones first: a layer whose last node goes is removed from the project.
        parent.insertChildNodes(place, [node.clone() for node in wanted])
        for node in nodes:
            node.parent().removeChildNode(node)


def place_above(scene: QgsLayerTreeLayer, passed: dict[str, int] | None = None) -> tuple[QgsLayerTreeGroup, int]:
    """The group and the place in it that lie on top of a scene and of the rasters directly above it.

    Parameters
    ----------
    passed : ids of layers that are about to be moved there.
    """
    parent = scene.parent()
    nodes = parent.children()
    place = nodes.index(scene)
    while place > 0 and _is_raster(nodes[place - 1]) and nodes[place - 1].layerId() not in (passed or {}):
        place -= 1
    while place > 0 and _is_raster(nodes[place - 1]) and nodes[place - 1].layerId() in (passed or {}):
        place -= 1
    return parent, place


def show_legend(node: QgsLayerTreeLayer, expanded: bool) -> None:
    """Unfold or fold the legend of a layer; QGIS 3.22 leaves that of a newly styled one folded unless the state changes."""
    node.setExpanded(not expanded)
    node.setExpanded(expanded)


def _is_raster(node: QgsLayerTreeNode) -> bool:
    return isinstance(node, QgsLayerTreeLayer) and isinstance(node.layer(), QgsRasterLayer)
