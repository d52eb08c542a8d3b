"""Labels for the engine: features or a raster, with the names and colours of their style."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer, QgsVectorLayer

from ..translation import counted, tr
from .class_coding import LARGEST_VALUE, ClassCoding, code_classes, raster_legend
from .class_style import ClassStyle, class_style, raster_class_style
from .features.attribute_text import attribute_text
from .features.checks import require_features
from .features.copy import ClassRecode, colour_fields, usable_fields, write_geopackage
from .features.input import FeatureInput
from .features.reader import FeatureReader
from .features.source import plan_vector
from .files import FileOnDisk, PlannedFile, free_name
from .raster_source import plan_raster


@dataclass(frozen=True)
class LabelsOnDisk:
    """Values for the engine's parameters: labels, layer, class_field and legend (a JSON file)."""

    path: str
    layer: str | None
    class_field: str | None
    legend: str | None


@dataclass(frozen=True)
class PlannedLabels:
    """Labels that were examined on the main thread; see :func:`plan_labels` and :func:`plan_label_raster`.

    Parameters
    ----------
    known_names : of the classes of a map; no legend is written then, as that of the map counts. For further labels: the
        values of labels without a style, which then stay the same in both.
    is_further : they are added to other labels; names and colours are written next to the classes, not into a legend.
    is_borrowed : the style is that of those labels, and only counts if it holds all values that occur.
    """

    title: str
    file: PlannedFile
    style: ClassStyle
    reader: FeatureReader | None = None
    other_fields: tuple[str, ...] = ()
    known_names: frozenset[str] | None = None
    is_further: bool = False
    is_borrowed: bool = False

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> LabelsOnDisk:
        """The files, on any thread; what was decided about the classes is said in the log.

        Raises
        ------
        QgsProcessingException
            A file cannot be written, or the user cancelled.
        """
        for warning in self.style.warnings:
            feedback.pushWarning(f"{self.title}: {warning}")
        for note in self.style.notes:
            feedback.pushInfo(f"{self.title}: {note}")
        if not self.style.classes:
            file = self.file.materialise(folder, feedback)
            return LabelsOnDisk(file.path, file.layer, self.style.field, None)
        coding = self._coding(feedback)
        if coding is None:
            file = self.file.materialise(folder, feedback)
            return LabelsOnDisk(file.path, file.layer, self.style.field, None)
        for note in coding.notes:
            feedback.pushInfo(f"{self.title}: {note}")
        file = self._recoded(coding, folder, feedback) or self.file.materialise(folder, feedback)
        has_legend = self.known_names is None and not self.is_further
        legend = _write_legend(coding, folder) if has_legend else None
        if legend is not None:
            note = tr("{title}: names and colours of {count} come from the style of the layer.")
            if not any("color" in entry for entry in coding.legend):
                note = tr("{title}: names of {count} come from the style of the layer.")
            count = counted(len(coding.legend), tr("class"), tr("classes"))
            feedback.pushInfo(note.format(title=self.title, count=count))
        return LabelsOnDisk(file.path, file.layer, self.style.field, legend)

    def _coding(self, feedback: QgsProcessingFeedback) -> ClassCoding | None:
        """What becomes of the classes; None if a borrowed style does not suit them or changes nothing."""
        if self.reader is None or self.style.field is None:
            return raster_legend(self.style)
        name = self.style.field
        features = self.reader.features(feedback, [name], geometry=False)
        occurring = {attribute_text(feature.attribute(name)) for feature in features} - {""}
        if self.is_further and not occurring.isdisjoint(self.known_names or ()):
            feedback.pushInfo(
                tr(
                    "{title}: the labels have no style, so the style of layer '{layer}' is not used: values stay as they are."
                ).format(title=self.title, layer=self.reader.layer)
            )
            return None
        coding = code_classes(self.style, occurring, self.known_names or ())
        suits = occurring <= {value for item in self.style.classes for value in item.values}
        return coding if not self.is_borrowed or (suits and coding.recode is not None) else None

    def _recoded(self, coding: ClassCoding, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk | None:
        described = coding.described if self.is_further else {}
        # Names that are values already need no copy.
        if coding.recode is None and not any(isinstance(value, int) for value in described):
            return None
        if self.reader is None or self.style.field is None:
            return None
        self._refuse_values(coding)
        target = free_name(folder, self.reader.layer, ".gpkg")
        names = list(dict.fromkeys((self.style.field, *self.other_fields)))
        recode = ClassRecode(self.style.field, coding.values, described)
        count = write_geopackage(self.reader, target, names, feedback, recode)
        feedback.pushInfo(
            tr("{title}: {count} copied to {target} with the classes of the style.").format(
                title=self.title, count=counted(count, tr("feature"), tr("features")), target=target
            )
        )
        return FileOnDisk(str(target))

    def _refuse_values(self, coding: ClassCoding) -> None:
        wrong = [
            value for value in coding.values.values() if isinstance(value, int) and not 0 <= value <= LARGEST_VALUE
        ]
        if wrong and self.reader is not None:
            raise QgsProcessingException(
                tr(
                    "{title}: field '{field}' of layer '{layer}' holds the value {value}; class values are whole numbers from 1 to"
                    " {largest}. Renumber the classes, or store their names as text."
                ).format(
                    title=self.title,
                    field=self.style.field,
                    layer=self.reader.layer,
                    value=min(wrong) if min(wrong) < 0 else max(wrong),
                    largest=LARGEST_VALUE,
                )
            )


def plan_labels(
    given: FeatureInput | None,
    title: str,
    *,
    class_field: str | None = None,
    other_fields: Sequence[str] = (),
    needs_crs: bool = True,
    use_style: bool = True,
    known_names: Collection[str] | None = None,
    added_to: ClassStyle | None = None,
) -> PlannedLabels:
    """Plan labels from a vector layer; call on the main thread.

    Parameters
    ----------
    title : what the layer is for, such as "Labels"; begins each message.
    class_field : the field the user chose; None for the field of the layer's style.
    other_fields : further fields that the engine reads.
    needs_crs : False if the scene has no CRS.
    use_style : False if the user gave names and colours in another way.
    known_names : for a reference that is compared with a map: the names of the classes of the map as far as they are
        known. No legend is written then, as that of the map counts. For further labels: the values of the labels they are
        added to, if these have no style.
    added_to : for further labels: the style of those they are added to, which they get if they have none and all of their
        values are in it. All of their fields are kept, as those of suggested points say what is not a class.

    Raises
    ------
    QgsProcessingException
        As for :func:`.vector_source.plan_vector`.
    """
    given = require_features(given, title, [name for name in (class_field, *other_fields) if name], needs_crs)
    style = class_style(given.layer, class_field) if use_style else ClassStyle(class_field, ())
    _refuse_contested(style, title, given.layer.name())
    own, named = style, tuple(other_fields)
    if added_to is not None:
        style = own if own.classes or not use_style else _borrowed(own, added_to, given.layer)
        other_fields = usable_fields(given.layer.fields())
    elif any(item.colour is None for item in style.classes):
        other_fields = (*other_fields, *colour_fields(given.layer.fields()))
    # Without a style or a named field the engine looks for fields with usual names among all of them.
    known = bool(style.classes) and style.field is not None
    fields = list(dict.fromkeys((style.field, *other_fields))) if known and added_to is None else []
    return PlannedLabels(
        title=title,
        file=plan_vector(
            given,
            title,
            fields=[name for name in fields if name],
            kept=[name for name in (style.field, *named) if name],
            needs_crs=needs_crs,
            can_name_layer=added_to is None,
        ),
        style=style,
        reader=FeatureReader.of(given, title) if style.classes else None,
        other_fields=tuple(other_fields),
        known_names=None if known_names is None else frozenset(known_names),
        is_further=added_to is not None,
        is_borrowed=style is not own,
    )


def _refuse_contested(style: ClassStyle, title: str, layer: str) -> None:
    if style.contested:
        raise QgsProcessingException(
            tr(
                "{title}: the style of layer '{layer}' has several classes for the value {found}. Leave the value to one of"
                " them in the symbology of the layer."
            ).format(title=title, layer=layer, found=style.contested)
        )


def _borrowed(own: ClassStyle, labels: ClassStyle, layer: QgsVectorLayer) -> ClassStyle:
    """The style of the labels for a layer without one; its own if it is not known in which field its classes are."""
    same_field = labels.field if labels.field and layer.fields().indexFromName(labels.field) >= 0 else None
    field = own.field or same_field
    return own if field is None or not labels.classes else replace(own, field=field, classes=labels.classes)


def plan_label_raster(layer: QgsRasterLayer | None, title: str, *, use_style: bool = True) -> PlannedLabels:
    """Plan labels from a raster layer; call on the main thread.

    Raises
    ------
    QgsProcessingException
        As for :func:`.raster_source.plan_raster`.
    """
    file = plan_raster(layer, title, zero_is_empty=True)
    style = raster_class_style(layer) if use_style and layer is not None else ClassStyle(None, ())
    _refuse_contested(style, title, layer.name() if layer is not None else "")
    return PlannedLabels(title=title, file=file, style=style)


def _write_legend(coding: ClassCoding, folder: Path) -> str | None:
    if not coding.legend:
        return None
    entries: list[dict[str, Any]] = list(coding.legend)
    target = free_name(folder, "legend", ".json")
    target.write_text(json.dumps(entries, ensure_ascii=False, indent=1), encoding="utf-8")
    return str(target)
