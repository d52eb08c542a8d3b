"""The fields of a layer that labels are written into: which are offered, which is proposed, and how one is made."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import QgsField, QgsFields, QgsVectorDataProvider, QgsVectorLayer

from ...layers.features.attribute_text import attribute_text
from ...layers.features.copy import usable_fields
from ...layers.features.field_types import TEXT
from ...translation import tr
from .classes import style_by, styled_field, value_map, write_value_map

REFERENCE, CERTAINTY, COMMENT, POINT_ID = "reference", "certainty", "comment", "point_id"
CERTAINTIES = ("sure", "rather sure", "unsure")
# Characters that fit into a field; QGIS proposes the same for shapefiles.
_LENGTH = 254
_SHAPEFILE, _SHAPEFILE_LENGTH = "ESRI Shapefile", 10


class CannotLabel(Exception):
    """The layer takes no labels, or no new field; the message explains what to do."""


@dataclass(frozen=True)
class LabelFields:
    """The field of the class, and those of certainty and comment, None if the layer has none for this field."""

    label: str
    certainty: str | None
    comment: str | None


def label_fields(layer: QgsVectorLayer, label: str) -> LabelFields:
    """The fields that go with ``label``: ``label_certainty``, ``label_comment``, or plain ``certainty`` and ``comment``.

    The plain ones belong to ``reference``, if there is one: a second interpreter must not overwrite those of the first.
    """
    names = offered_fields(layer)
    plain = label == REFERENCE or REFERENCE not in names

    def companion(name: str) -> str | None:
        wanted = [f"{label}_{name}", *([name] if plain else [])]
        return next((field for field in wanted if field in names and field != label), None)

    return LabelFields(label, companion(CERTAINTY), companion(COMMENT))


def offered_fields(layer: QgsVectorLayer) -> list[str]:
    """Fields that can hold a label: numbers or text, stored in the layer, not its key, and to be filled in by its form."""
    fields, keys, form = layer.fields(), set(layer.primaryKeyAttributes()), layer.editFormConfig()
    stored = (QgsFields.FieldOrigin.OriginProvider, QgsFields.FieldOrigin.OriginEdit)
    usable = set(usable_fields(fields))
    return [
        field.name()
        for number, field in enumerate(fields)
        if field.name() in usable
        and number not in keys
        and fields.fieldOrigin(number) in stored
        and not form.readOnly(number)
        and layer.editorWidgetSetup(number).type() != "Hidden"
    ]


def unlabelled_values(layer: QgsVectorLayer, field: str) -> frozenset[str]:
    """What a point without a label has: nothing, and 0 in a field of numbers unless its form calls 0 a class."""
    is_number = layer.fields().field(field).isNumeric()
    return frozenset({"", "0"} if is_number and "0" not in dict(value_map(layer, field)) else {""})


def proposed_field(layer: QgsVectorLayer) -> str | None:
    """``reference``; else a field whose form offers classes; else that of the style, if it has points without a value.

    None if it is not clear: a field that is filled in may hold the class of the map, and is not written over.
    """
    names = offered_fields(layer)
    if REFERENCE in names:
        return REFERENCE
    offering = [name for name in names if name.split("_")[-1] != CERTAINTY and any(value_map(layer, name))]
    if len(offering) == 1:
        return offering[0]
    shown = styled_field(layer)
    return shown if shown in names and _has_gaps(layer, shown) else None


def editing_problem(layer: QgsVectorLayer, field: str | None = None) -> str | None:
    """Why labels cannot be written into a layer; None if they can."""
    provider = layer.dataProvider()
    can = provider.capabilities() & QgsVectorDataProvider.Capability.ChangeAttributeValues
    if layer.readOnly() or not can:
        return tr(
            "'{}' is read-only, so it takes no labels. Allow editing in the properties of the project, or save the layer as "
            "a GeoPackage."
        ).format(layer.name())
    if field is not None and layer.fields().lookupField(field) < 0:
        return tr("'{}' no longer has a field '{}'. Choose another one.").format(layer.name(), field)
    return None


def make_fields(layer: QgsVectorLayer, name: str, like: str | None) -> None:
    """Add text fields for labels, certainty and comment, in a shapefile for labels only, and save them.

    Parameters
    ----------
    like : a field whose classes the new one offers too. If the style shows that field, it then shows the new one, so
        that a second interpreter does not see the labels of the first.

    Raises
    ------
    CannotLabel : the name is empty, there is such a field, the name is too long for a shapefile, the layer takes no fields, or it has edits
        that are not saved yet.
    """
    if not name:
        raise CannotLabel(tr("No field was added, since its name is empty. Type a name."))
    if layer.fields().lookupField(name) >= 0:
        raise CannotLabel(tr("'{}' already has a field '{}'. Choose another name.").format(layer.name(), name))
    if not layer.dataProvider().capabilities() & QgsVectorDataProvider.Capability.AddAttributes:
        raise CannotLabel(tr("'{}' takes no new fields. Save it as a GeoPackage first.").format(layer.name()))
    if layer.isModified():
        raise CannotLabel(tr("'{}' has edits that are not saved. Save them first.").format(layer.name()))
    certainties = [(value, value) for value in CERTAINTIES]
    if like is not None:
        of_others = label_fields(layer, like).certainty
        certainties = (list(value_map(layer, of_others)) if of_others else []) or certainties
    names = [name, f"{name}_{CERTAINTY}", f"{name}_{COMMENT}"]
    if layer.storageType() == _SHAPEFILE:
        if len(name) > _SHAPEFILE_LENGTH:
            words = tr("Names of fields in a shapefile have {} characters at most; '{}' has {}.")
            raise CannotLabel(words.format(_SHAPEFILE_LENGTH, name, len(name)))
        names = names[:1]
    _add(layer, names)
    if like is not None:
        classes = list(value_map(layer, like))
        if classes:
            write_value_map(layer, name, classes)
        if styled_field(layer) == like:
            style_by(layer, name)
    if len(names) > 1:
        write_value_map(layer, names[1], certainties)


def _add(layer: QgsVectorLayer, names: list[str]) -> None:
    was_edited = layer.isEditable()
    if not was_edited and not layer.startEditing():
        raise CannotLabel(tr("QGIS cannot edit '{}'.").format(layer.name()))
    for field in names:
        layer.addAttribute(QgsField(field, TEXT, "", _LENGTH))
    if not layer.commitChanges(not was_edited):
        reason = "; ".join(layer.commitErrors())
        layer.rollBack(not was_edited)
        raise CannotLabel(tr("'{}' did not take the field '{}': {}").format(layer.name(), names[0], reason))


def _has_gaps(layer: QgsVectorLayer, field: str) -> bool:
    index = layer.fields().lookupField(field)
    return any(not attribute_text(value) for value in layer.uniqueValues(index))
