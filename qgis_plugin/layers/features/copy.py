"""Features of a layer in a separate GeoPackage."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorFileWriter,
    QgsWkbTypes,
)

from ...translation import tr
from .attribute_text import attribute_text
from .field_types import BOOLEAN, INTEGER, TEXT
from .reader import FeatureReader

_COLOUR_FIELDS = ("color", "colour")


@dataclass(frozen=True)
class ClassRecode:
    """New values of a field by the text of the old ones; what is not listed becomes empty.

    All new values are strings, or all are whole numbers.

    Parameters
    ----------
    described : name and colour of new values; written to the fields in which the engine looks for them.
    """

    field: str
    values: Mapping[str, int | str]
    described: Mapping[int | str, tuple[str, str | None]] = dataclasses.field(default_factory=dict)

    def apply(self, value: Any) -> Any:
        return self.values.get(attribute_text(value))

    def descriptions(self, value: Any) -> dict[str, str | None]:
        """Names of the further fields, and what they hold for an old value of the field."""
        if not self.described:
            return {}
        name, colour = self.described.get(self.apply(value), (None, None))
        found = {"name" if self.field.lower() == "class_name" else "class_name": name, "color": colour}
        return {key: text for key, text in found.items() if key != self.field.lower()}

    def new_field(self) -> QgsField:
        text = any(isinstance(value, str) for value in self.values.values())
        return QgsField(self.field, TEXT if text else INTEGER)


def usable_fields(fields: QgsFields) -> list[str]:
    """Fields a class, its name or its colour can stand in: numbers, text, true or false."""
    return [f.name() for f in fields if f.isNumeric() or f.type() in (TEXT, BOOLEAN)]


def colour_fields(fields: QgsFields) -> list[str]:
    """The field in which the engine looks for the colours of classes, if there is one."""
    texts = {f.name().lower(): f.name() for f in fields if f.type() == TEXT}
    return [texts[name] for name in _COLOUR_FIELDS if name in texts][:1]


def write_geopackage(
    reader: FeatureReader,
    target: Path,
    names: Sequence[str],
    feedback: QgsProcessingFeedback,
    recode: ClassRecode | None = None,
) -> int:
    """Write the features with the fields of ``names``, curves as lines with many vertices; returns their number.

    A GeoPackage tells no field from another by upper and lower case: the first of such fields keeps its name, the others get
    a number.

    Raises
    ------
    QgsProcessingException
        There is no feature, the file cannot be written, or the user cancelled.
    """
    further = [] if recode is None else list(recode.descriptions(None))
    names = [name for name in names if name.lower() not in further]
    fields, written_as = QgsFields(), _distinct(names, further)
    for name in names:
        is_recoded = recode is not None and recode.field == name
        field = QgsField(recode.new_field() if recode is not None and is_recoded else reader.fields.field(name))
        field.setName(written_as[name])
        fields.append(field)
    for name in further:
        fields.append(QgsField(name, TEXT))
    written = 0
    writer = _create(reader, target, fields)
    try:
        for feature in reader.features(feedback, names):
            copy = QgsFeature(fields)
            for name in names:
                value = feature.attribute(name)
                is_recoded = recode is not None and recode.field == name
                copy.setAttribute(written_as[name], recode.apply(value) if recode is not None and is_recoded else value)
            if recode is not None and further:
                for name, text in recode.descriptions(feature.attribute(recode.field)).items():
                    copy.setAttribute(name, text)
            copy.setGeometry(_without_curves(feature.geometry()))
            if not writer.addFeature(copy, QgsFeatureSink.Flag.FastInsert):
                raise _not_written(reader, target, writer.errorMessage())
            written += 1
        if not writer.flushBuffer():
            raise _not_written(reader, target, writer.errorMessage())
    finally:
        del writer  # closes the file
    if not written:
        raise QgsProcessingException(
            tr(
                "{title}: no feature of layer '{layer}' passes its filter. Change the filter, or use all features."
            ).format(title=reader.title, layer=reader.layer)
        )
    return written


def _distinct(names: Sequence[str], further: Sequence[str]) -> dict[str, str]:
    """The name under which each field is written, so that none differs from another in the case of its letters alone."""
    taken = {name.lower() for name in (*names, *further)}
    first, written = set(further), dict[str, str]()
    for name in names:
        new, number = name, 2
        while name.lower() in first and new.lower() in taken:
            new, number = f"{name}_{number}", number + 1
        first.add(name.lower())
        taken.add(new.lower())
        written[name] = new
    return written


def _create(reader: FeatureReader, target: Path, fields: QgsFields) -> QgsVectorFileWriter:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = target.stem
    # Unusual names, so that fields called fid or geom stay what they are.
    options.layerOptions = [f"FID={_free('fid', fields)}", f"GEOMETRY_NAME={_free('geom', fields)}", "SPATIAL_INDEX=NO"]
    writer = QgsVectorFileWriter.create(
        str(target),
        fields,
        QgsWkbTypes.linearType(reader.geometry_type),
        reader.crs,
        QgsCoordinateTransformContext(),
        options,
    )
    if writer.errorMessage():
        raise _not_written(reader, target, writer.errorMessage())
    return writer


def _free(name: str, fields: QgsFields) -> str:
    taken = {f.name().lower() for f in fields}
    while name in taken:
        name = f"_{name}"
    return name


def _without_curves(geometry: QgsGeometry) -> QgsGeometry:
    if geometry.isNull() or not QgsWkbTypes.isCurvedType(geometry.wkbType()):
        return geometry
    return QgsGeometry(geometry.constGet().segmentize())


def _not_written(reader: FeatureReader, target: Path, reason: str) -> QgsProcessingException:
    return QgsProcessingException(
        tr("{title}: layer '{layer}' cannot be written to {target}: {reason}. Check that the disk has room.").format(
            title=reader.title, layer=reader.layer, target=target, reason=reason or tr("no reason was given")
        )
    )
