"""Labels for the engine: features or a raster, with the names and colours of their style."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingFeedback, QgsRasterLayer

from ..translation import counted, tr
from .class_coding import ClassCoding, code_classes, raster_legend
from .class_style import ClassStyle, class_style, raster_class_style
from .features.attribute_text import attribute_text
from .features.checks import require_features
from .features.copy import ClassRecode, write_geopackage
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
    """Labels that were examined on the main thread; see :func:`plan_labels` and :func:`plan_label_raster`."""

    title: str
    file: PlannedFile
    style: ClassStyle
    reader: FeatureReader | None = None
    other_fields: tuple[str, ...] = ()
    known_names: frozenset[str] | None = None

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
        for note in coding.notes:
            feedback.pushInfo(f"{self.title}: {note}")
        file = self._recoded(coding, folder, feedback) or self.file.materialise(folder, feedback)
        legend = None if self.known_names is not None else _write_legend(coding, folder)
        if legend is not None:
            feedback.pushInfo(
                tr("{title}: names and colours of {count} come from the style of the layer.").format(
                    title=self.title, count=counted(len(coding.legend), tr("class"), tr("classes"))
                )
            )
        return LabelsOnDisk(file.path, file.layer, self.style.field, legend)

    def _coding(self, feedback: QgsProcessingFeedback) -> ClassCoding:
        if self.reader is None or self.style.field is None:
            return raster_legend(self.style)
        name = self.style.field
        features = self.reader.features(feedback, [name], geometry=False)
        occurring = {attribute_text(feature.attribute(name)) for feature in features} - {""}
        return code_classes(self.style, occurring, self.known_names or ())

    def _recoded(self, coding: ClassCoding, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk | None:
        if coding.recode is None or self.reader is None or self.style.field is None:
            return None
        target = free_name(folder, self.reader.layer, ".gpkg")
        names = list(dict.fromkeys((self.style.field, *self.other_fields)))
        recode = ClassRecode(self.style.field, coding.recode)
        count = write_geopackage(self.reader, target, names, feedback, recode)
        feedback.pushInfo(
            tr("{title}: {count} copied to {target} with the classes of the style.").format(
                title=self.title, count=counted(count, tr("feature"), tr("features")), target=target
            )
        )
        return FileOnDisk(str(target))


def plan_labels(
    given: FeatureInput | None,
    title: str,
    *,
    class_field: str | None = None,
    other_fields: Sequence[str] = (),
    needs_crs: bool = True,
    use_style: bool = True,
    known_names: Collection[str] | None = None,
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
        known. No legend is written then, as that of the map counts.

    Raises
    ------
    QgsProcessingException
        As for :func:`.vector_source.plan_vector`.
    """
    given = require_features(given, title, [name for name in (class_field, *other_fields) if name], needs_crs)
    style = class_style(given.layer, class_field) if use_style else ClassStyle(class_field, ())
    # Without a style or a named field the engine looks for fields with usual names among all of them.
    known = bool(style.classes) and style.field is not None
    fields = list(dict.fromkeys((style.field, *other_fields))) if known else []
    return PlannedLabels(
        title=title,
        file=plan_vector(
            given, title, fields=[name for name in fields if name], needs_crs=needs_crs, can_name_layer=True
        ),
        style=style,
        reader=FeatureReader.of(given, title) if style.classes else None,
        other_fields=tuple(other_fields),
        known_names=None if known_names is None else frozenset(known_names),
    )


def plan_label_raster(layer: QgsRasterLayer | None, title: str, *, use_style: bool = True) -> PlannedLabels:
    """Plan labels from a raster layer; call on the main thread.

    Raises
    ------
    QgsProcessingException
        As for :func:`.raster_source.plan_raster`.
    """
    file = plan_raster(layer, title)
    style = raster_class_style(layer) if use_style and layer is not None else ClassStyle(None, ())
    return PlannedLabels(title=title, file=file, style=style)


def _write_legend(coding: ClassCoding, folder: Path) -> str | None:
    if not coding.legend:
        return None
    entries: list[dict[str, Any]] = list(coding.legend)
    target = free_name(folder, "legend", ".json")
    target.write_text(json.dumps(entries, ensure_ascii=False, indent=1), encoding="utf-8")
    return str(target)
