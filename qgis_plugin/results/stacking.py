"""The order of what a run loads: the class map on top, all else unticked and folded below it."""

from __future__ import annotations

from qgis.core import QgsLayerTreeLayer, QgsProject, QgsRasterLayer


class Stack:
    """The layers of one run. Processing loads them in the order of their paths, which are random if temporary."""

    def __init__(self) -> None:
        self._ranks: dict[str, int] = {}

    def add(self, layer: QgsRasterLayer, rank: int, project: QgsProject) -> None:
        """Put a loaded layer among those that came before it; the lowest rank lies on top and is shown."""
        root = project.layerTreeRoot()
        node = root.findLayer(layer.id())
        if node is None:
            return
        self._ranks[layer.id()] = rank
        # QGIS 3.22 leaves the legend of a styled layer folded unless the state changes.
        node.setExpanded(False)
        node.setExpanded(rank == 0)
        node.setItemVisibilityChecked(rank == 0)
        self._sort([one for one in node.parent().findLayers() if one.layerId() in self._ranks])

    def _sort(self, nodes: list[QgsLayerTreeLayer]) -> None:
        """Put the nodes in the order of their ranks, where the topmost of them is."""
        wanted = sorted(nodes, key=lambda node: self._ranks[node.layerId()])
        if wanted == nodes:
            return
        parent = nodes[0].parent()
        place = min(parent.children().index(node) for node in nodes)
        # The clones first: a layer whose last node goes is removed from the project.
        parent.insertChildNodes(place, [node.clone() for node in wanted])
        for node in nodes:
            parent.removeChildNode(node)
