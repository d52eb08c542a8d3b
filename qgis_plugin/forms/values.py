"""The values of a form, batch row, model step or script, read as the plain values that the engine takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameters,
    QgsProject,
    QgsProperty,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsRectangle,
)

from ..engine.model_files import find_model
from ..engine.operations import ParameterDescription
from ..engine.source import ready_made_models
from ..environment.current import models_folder
from ..layers import FeatureInput, feature_input
from .old_values import NumberOrTruth, TruthOrOwn, truth_word
from .parameters import WIDGETS, qgis_name
from .scene_files import file_for_engine


class FormValues:
    """One set of values for ``algorithm``; reads on the main thread, because layers may be asked for."""

    def __init__(
        self, algorithm: QgsProcessingAlgorithm, values: Mapping[str, Any], context: QgsProcessingContext
    ) -> None:
        self._algorithm = algorithm
        self._values = values
        self._context = context

    @property
    def project(self) -> QgsProject:
        """The project the values belong to."""
        return self._context.project() or QgsProject.instance()

    def is_given(self, name: str) -> bool:
        """Whether the QGIS parameter ``name`` has a value: neither missing nor empty nor "not set".

        A batch gives an output that is left out as an output layer without a name.
        """
        value = self._values.get(name)
        return not is_empty(self._text_of(value) if isinstance(value, QgsProcessingOutputLayerDefinition) else value)

    def text(self, name: str) -> str | None:
        """The value of the QGIS parameter ``name`` as it was typed; None if it is not text or empty."""
        value = self._values.get(name)
        return value if isinstance(value, str) and not is_empty(value) else None

    def raster(self, name: str) -> QgsRasterLayer | None:
        """The raster layer of the QGIS parameter ``name``; None if there is none or it cannot be loaded."""
        return self._read(QgsProcessingParameters.parameterAsRasterLayer, name)

    def file_for_engine(self, name: str) -> Path | None:
        """The file of the QGIS parameter ``name`` if QGIS cannot open it, and the engine perhaps can."""
        return file_for_engine(self._values.get(name), self._context)

    def extent(self, name: str, crs: QgsCoordinateReferenceSystem) -> QgsRectangle:
        """The extent of the QGIS parameter ``name``, in ``crs`` if both have a CRS."""
        definition = self._algorithm.parameterDefinition(name)
        return QgsProcessingParameters.parameterAsExtent(definition, dict(self._values), self._context, crs)

    def extent_crs(self, name: str) -> str:
        """The CRS in which the extent of the QGIS parameter ``name`` was given, such as EPSG:4326; empty if not stated."""
        definition = self._algorithm.parameterDefinition(name)
        crs = QgsProcessingParameters.parameterAsExtentCrs(definition, dict(self._values), self._context)
        return str(crs.authid()) if crs.isValid() else ""

    def point(self, name: str, crs: QgsCoordinateReferenceSystem) -> QgsPointXY:
        """The point of the QGIS parameter ``name``, in ``crs`` if both have a CRS."""
        definition = self._algorithm.parameterDefinition(name)
        return QgsProcessingParameters.parameterAsPoint(definition, dict(self._values), self._context, crs)

    def point_crs(self, name: str) -> str:
        """The CRS in which the point of the QGIS parameter ``name`` was given, such as EPSG:4326; empty if not stated."""
        definition = self._algorithm.parameterDefinition(name)
        crs = QgsProcessingParameters.parameterAsPointCrs(definition, dict(self._values), self._context)
        return str(crs.authid()) if crs.isValid() else ""

    def layer(self, name: str) -> QgsMapLayer | None:
        """The raster or vector layer of the QGIS parameter ``name``, without regard to selected features."""
        value = self._values.get(name)
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            value = value.source
        definition = self._algorithm.parameterDefinition(name)
        return QgsProcessingParameters.parameterAsLayer(definition, {name: value}, self._context)

    def destination(self, name: str) -> str | None:
        """The path that was chosen for an output; None if QGIS chooses a temporary one, or nothing is written.

        Asking does not count as use: QGIS would load what :meth:`plain` gives when the run is over.
        """
        value = self._text_of(self._values.get(name, self._algorithm.parameterDefinition(name).defaultValue()))
        return None if is_empty(value) or value == QgsProcessing.TEMPORARY_OUTPUT else str(value)

    def _text_of(self, value: Any) -> Any:
        """What an output layer or a property stands for; any other value as it is."""
        if isinstance(value, QgsProcessingOutputLayerDefinition):
            value = value.sink
        if isinstance(value, QgsProperty):
            value = value.valueAsString(self._context.expressionContext())[0]
        return value

    def source_file(self, parameter: ParameterDescription, name: str) -> str | None:
        """The file behind the input ``name``; None if nothing is given, or it is not a file."""
        if not self.is_given(name):
            return None
        if WIDGETS[parameter.widget].read is not None:
            return str(self.plain(parameter))
        layer = self.layer(name)
        if layer is None or layer.dataProvider() is None:
            return None
        path = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()).get("path")
        return path or None

    def features(self, name: str) -> FeatureInput | None:
        """The vector layer of the QGIS parameter ``name`` and which of its features are meant."""
        return feature_input(self._algorithm, self._values, name, self._context)

    def plain(self, parameter: ParameterDescription) -> Any:
        """Number, text, truth or path of ``parameter``; None if it may be left out and is, or is a layer."""
        name = qgis_name(parameter.name)
        if not self.is_given(name) and parameter.nullable:
            return None
        definition = self._algorithm.parameterDefinition(name)
        if isinstance(definition, TruthOrOwn):
            word = truth_word(self._read(QgsProcessingParameters.parameterAsString, name))
            return None if word is None else word == "true"
        if isinstance(definition, NumberOrTruth) and (word := _truth_text(self._values[name])):
            return float(word == "true")
        read = WIDGETS[parameter.widget].read
        if read is None:
            return None
        value = self._read(read, name)
        if parameter.widget == "model" and isinstance(value, str):
            value = find_model(find_model(value, models_folder()), ready_made_models())
        return None if parameter.nullable and is_empty(value) else value

    def _read(self, reader: Callable[..., Any], name: str) -> Any:
        return reader(self._algorithm.parameterDefinition(name), dict(self._values), self._context)


def is_empty(value: Any) -> bool:
    """Whether QGIS means "nothing" by ``value``: None, its own NULL, or an empty text."""
    return value is None or value == NULL or (isinstance(value, str) and not value.strip())


def _truth_text(value: Any) -> str | None:
    """The word of a truth, but not of the numbers 0 and 1, which mean themselves."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return None if is_number or str(value).strip().isdigit() else truth_word(value)
