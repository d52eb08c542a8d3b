"""Features of a layer, read on any thread as they were when the job was planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayerFeatureSource,
)

from ...translation import tr
from ..files import COPYING_PERCENT
from .input import FeatureInput


@dataclass(frozen=True)
class FeatureReader:
    """A snapshot of a layer with its unsaved edits, joins and filters; make it with :meth:`of`.

    Parameters
    ----------
    title : what the layer is for; ``layer`` its name in QGIS.
    chosen : ids of the features that are meant, None for all.
    count : how many there are; -1 if the source does not say.
    """

    title: str
    layer: str
    source: QgsVectorLayerFeatureSource
    fields: QgsFields
    geometry_type: int
    crs: QgsCoordinateReferenceSystem
    chosen: frozenset[int] | None
    limit: int
    expression: str
    count: int

    @classmethod
    def of(cls, given: FeatureInput, title: str) -> FeatureReader:
        """Prepare on the main thread what :meth:`features` reads on another."""
        layer = given.layer
        return cls(
            title=title,
            layer=layer.name(),
            source=QgsVectorLayerFeatureSource(layer),
            fields=QgsFields(layer.fields()),
            geometry_type=layer.wkbType(),
            crs=QgsCoordinateReferenceSystem(layer.crs()),
            chosen=frozenset(layer.selectedFeatureIds()) if given.selected_only else None,
            limit=given.limit,
            expression=given.expression,
            count=layer.selectedFeatureCount() if given.selected_only else layer.featureCount(),
        )

    def features(
        self, feedback: QgsProcessingFeedback, names: Sequence[str], *, geometry: bool = True
    ) -> Iterator[QgsFeature]:
        """The features that are meant, with the fields of ``names`` alone, and with progress from 0 to 100.

        Raises
        ------
        QgsProcessingException
            The user cancelled, or the source could not be read to its end.
        """
        request = QgsFeatureRequest()
        if self.expression:
            request.setFilterExpression(self.expression)
        elif self.chosen is not None:
            request.setFilterFids(list(self.chosen))
        # A filter may need any field, and names them.
        request.setSubsetOfAttributes(list(names), self.fields)
        if not geometry and not self.expression:
            request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        found = 0
        iterator = self.source.getFeatures(request)
        for feature in iterator:
            if feedback.isCanceled():
                raise QgsProcessingException(
                    tr("{title}: reading layer '{layer}' was cancelled.").format(title=self.title, layer=self.layer)
                )
            if self.limit >= 0 and found >= self.limit:
                return
            if self.chosen is not None and feature.id() not in self.chosen:
                continue
            found += 1
            if self.count > 0:
                feedback.setProgress(COPYING_PERCENT * min(1.0, found / self.count))
            yield feature
        if not iterator.isValid():
            raise QgsProcessingException(
                tr(
                    "{title}: layer '{layer}' could not be read to its end. Check that its source can be reached."
                ).format(title=self.title, layer=self.layer)
            )
