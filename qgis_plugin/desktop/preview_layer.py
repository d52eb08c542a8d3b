"""The layer that shows a preview: one, temporary, replaced in its place, and never a part of a saved project."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from qgis.core import QgsDataProvider, QgsMapLayer, QgsProcessingUtils, QgsProject, QgsRasterLayer
from qgis.PyQt.QtXml import QDomDocument, QDomElement, QDomNode

from ..paths import is_folder
from ..results.stacking import place_above, show_legend
from ..results.styling import style_class_map
from ..translation import tr

_BESIDE = ("", ".aux.xml")
# Of QGIS: no question about a temporary layer when it is closed.
_NO_QUESTION = "skipMemoryLayersCheck"


class PreviewLayer:
    """Keeps the files of previews in a separate folder, which is deleted after :meth:`remove`."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._number = 0
        self._layer_id = ""

    @property
    def layer(self) -> QgsRasterLayer | None:
        """The layer in the project; None if there is none."""
        return QgsProject.instance().mapLayer(self._layer_id) if self._layer_id else None

    @property
    def layer_id(self) -> str:
        """Empty if there is none."""
        return self._layer_id

    def next_file(self) -> str:
        """A new path for the next preview: what is shown is never overwritten, which Windows would refuse."""
        if self._folder is None or not is_folder(self._folder):
            self._folder = Path(tempfile.mkdtemp(prefix="hsi-preview-", dir=QgsProcessingUtils.tempFolder()))
        self._number += 1
        return str(self._folder / f"preview-{self._number}.tif")

    def show(self, path: str, scene: QgsRasterLayer) -> str | None:
        """Show a file in the place of the last one, at first above the scene; why its style is missing, or None."""
        project = QgsProject.instance()
        was_dirty = project.isDirty()
        layer, old, opacity = self.layer, "", 1.0
        node = project.layerTreeRoot().findLayer(self._layer_id) if layer is not None else None
        was_expanded = node is not None and node.isExpanded()
        if layer is None:
            layer = QgsRasterLayer(path, tr("Preview"), "gdal")
            layer.setCustomProperty(_NO_QUESTION, 1)
        else:
            old = layer.source()
            opacity = layer.renderer().opacity() if layer.renderer() is not None else 1.0
            layer.setDataSource(path, layer.name(), "gdal", QgsDataProvider.ProviderOptions())
        problem = style_class_map(layer)
        if layer.renderer() is not None:
            layer.renderer().setOpacity(opacity)
        if not self.layer:
            self._insert(project, layer, scene)
        elif node is not None:
            show_legend(node, was_expanded)
        layer.triggerRepaint()
        # A preview does not change the project in a way that has to be saved.
        project.setDirty(was_dirty)
        if old and old != path:
            self.discard(old)
        return problem

    def discard(self, path: str) -> None:
        """Remove a file with its sidecars."""
        for name in (*(path + ending for ending in _BESIDE), str(Path(path).with_suffix(".qml"))):
            with contextlib.suppress(OSError):
                Path(name).unlink()

    def forget(self) -> None:
        """The layer is gone, or about to go."""
        self._layer_id = ""

    def remove(self) -> Callable[[], None]:
        """Take the layer out of the project; what is returned removes its files, once nothing is being written."""
        project, layer_id = QgsProject.instance(), self._layer_id
        was_dirty = project.isDirty()
        self._layer_id = ""
        if layer_id and project.mapLayer(layer_id) is not None:
            project.removeMapLayer(layer_id)
            project.setDirty(was_dirty)
        folder, self._folder = self._folder, None
        return lambda: None if folder is None else shutil.rmtree(folder, ignore_errors=True)

    def leave_out(self, layer: QgsMapLayer, element: QDomElement) -> None:
        """Empty the element of the layer in a project file that is being written: its file will not be there.

        Without a type, QGIS passes over it. The element itself QGIS appends after this.
        """
        if not self._layer_id or layer.id() != self._layer_id:
            return
        while not element.firstChild().isNull():
            element.removeChild(element.firstChild())
        attributes = element.attributes()
        for name in [attributes.item(number).nodeName() for number in range(attributes.count())]:
            element.removeAttribute(name)

    def leave_out_of(self, document: QDomDocument) -> None:
        """Take the layer out of the layer tree and what else a project file lists; QGIS adds the layers after that."""
        if not self._layer_id:
            return
        for tag in ("layer-tree-layer", "layer", "legendlayer", "item"):
            found = document.elementsByTagName(tag)
            nodes = [found.at(number) for number in range(found.count())]
            for node in nodes:
                if self._is_of_layer(node):
                    node.parentNode().removeChild(node)

    def _is_of_layer(self, node: QDomNode) -> bool:
        element = node.toElement()
        own = [element.attribute("id"), element.firstChildElement("id").text()]
        if element.firstChildElement().isNull():
            own.append(element.text())
        return self._layer_id in own

    def _insert(self, project: QgsProject, layer: QgsRasterLayer, scene: QgsRasterLayer) -> None:
        project.addMapLayer(layer, False)
        self._layer_id = layer.id()
        node = project.layerTreeRoot().findLayer(scene.id())
        parent, place = (project.layerTreeRoot(), 0) if node is None else place_above(node)
        show_legend(parent.insertLayer(place, layer), True)
