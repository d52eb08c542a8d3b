"""What is to be previewed: layers of the project, and the part of the scene that the canvas shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas

from ..layers.class_fields import likely_class_field
from ..layers.proposals import proposed_labels, proposed_scene
from ..translation import tr

# As the engine cuts larger parts.
LARGEST_PX = 1024


class NothingToPreview(Exception):
    """Something is missing; the message explains what to do."""


@dataclass(frozen=True)
class PreviewSources:
    """The layers of a preview by their ids, which outlive the layers themselves, and the field of the class."""

    scene_id: str
    labels_id: str
    class_field: str | None

    @property
    def scene(self) -> QgsRasterLayer | None:
        """None if it has been removed."""
        return QgsProject.instance().mapLayer(self.scene_id)

    @property
    def labels(self) -> QgsVectorLayer | None:
        """None if it has been removed."""
        return QgsProject.instance().mapLayer(self.labels_id)

    def parameters(self, part: QgsReferencedRectangle, output: str) -> dict[str, Any]:
        """Of the algorithm Preview map."""
        return {
            "SCENE": self.scene_id,
            "LABELS": self.labels_id,
            "CLASS_FIELD": self.class_field,
            "EXTENT": part,
            "OUTPUT": output,
        }


def find_sources(project: QgsProject, active: QgsMapLayer | None = None) -> PreviewSources:
    """The layers that the forms propose.

    Parameters
    ----------
    active : the layer that is selected in the layer tree.

    Raises
    ------
    NothingToPreview : the project has no scene, no labels, or no field that seems to hold the class.
    """
    scene, labels = proposed_scene(project), proposed_labels(project, active)
    if scene is None:
        raise NothingToPreview(tr("There is no scene in the project. Add a hyperspectral raster."))
    if labels is None:
        raise NothingToPreview(
            tr("There are no labels in the project. Add a layer of polygons with a field that holds the class.")
        )
    if labels.featureCount() == 0:
        raise NothingToPreview(
            tr("'{}' holds no polygons yet. Draw some of two classes or more.").format(labels.name())
        )
    field = likely_class_field(labels)
    if field is None:
        raise NothingToPreview(
            tr("It is not clear which field of '{}' holds the class. Name it class_name, or use Preview map.").format(
                labels.name()
            )
        )
    return PreviewSources(scene.id(), labels.id(), field)


def visible_part(canvas: QgsMapCanvas, scene: QgsRasterLayer) -> QgsReferencedRectangle | None:
    """What the canvas shows of a scene, in the CRS of the scene; None if that is nothing."""
    shown, from_crs, to_crs = canvas.extent(), canvas.mapSettings().destinationCrs(), scene.crs()
    if from_crs.isValid() and to_crs.isValid() and from_crs != to_crs:
        transform = QgsCoordinateTransform(from_crs, to_crs, QgsProject.instance())
        transform.setBallparkTransformsAreAppropriate(True)
        try:
            shown = transform.transformBoundingBox(shown)
        except QgsCsException:  # a view of half the world, or beyond its edge
            shown = QgsRectangle(scene.extent()) if _holds(canvas, scene) else QgsRectangle()
    part = shown.intersect(scene.extent())
    return None if part.isEmpty() or not part.isFinite() else QgsReferencedRectangle(part, to_crs)


def is_too_large(part: QgsRectangle, scene: QgsRasterLayer) -> bool:
    """Whether a part has more pixels along one side than a preview maps."""
    width, height = part.width() / scene.rasterUnitsPerPixelX(), part.height() / scene.rasterUnitsPerPixelY()
    return bool(max(width, height) > LARGEST_PX + 1)


def _holds(canvas: QgsMapCanvas, scene: QgsRasterLayer) -> bool:
    """Whether the middle of the scene lies in a view that cannot be transformed as a whole."""
    back = QgsCoordinateTransform(scene.crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance())
    try:
        return bool(canvas.extent().contains(back.transform(scene.extent().center())))
    except QgsCsException:
        return False
