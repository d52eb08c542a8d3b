"""Which field of a layer holds the class, and which only numbers its features."""

from __future__ import annotations

from qgis.core import QgsVectorLayer

from ..translation import tr
from .features.attribute_text import attribute_text
from .features.copy import usable_fields
from .reach import stays_here

# As the engine looks for them, in this order.
_USUAL = ("class_id", "class", "class_value", "value", "label", "class_name", "landcover", "land_cover")
_MOST_CLASSES = 60
_NO_CLASS = frozenset({"", "0"})
# With fewer features, each may be of a different class.
_FEWEST_FEATURES = 12


def likely_class_field(layer: QgsVectorLayer) -> str | None:
    """A field with a usual name and values; else the only one that names or numbers fewer classes than there are features.

    A field with a usual name that is still empty everywhere comes last. Text comes before numbers. Each of a few features may be of a different class: then the only text is taken. None
    if nothing stands out. Of a layer that lies on the network, only the names of the fields are looked at.
    """
    fields = usable_fields(layer.fields())
    by_lower = {name.lower(): name for name in fields}
    named = [by_lower[name] for name in _USUAL if name in by_lower]
    is_known = stays_here(layer)
    usual = next((name for name in named if not is_known or _has_values(layer, name)), None)
    if usual is not None or not is_known:
        return usual
    repeated = [name for name in fields if _repeats(layer, name)]
    texts = [name for name in repeated if not layer.fields().field(name).isNumeric()]
    different = [name for name in fields if not layer.fields().field(name).isNumeric() and _all_differ(layer, name)]
    first_try = different if 1 < layer.featureCount() < _FEWEST_FEATURES else []
    for found in (texts, repeated, first_try):
        if len(found) == 1:
            return found[0]
    return next(iter(named), None)


def class_field_problem(title: str, layer: QgsVectorLayer, field: str) -> str | None:
    """A field with another value for each feature is a number of the feature, not its class; None if it is not one."""
    if not stays_here(layer) or field not in usable_fields(layer.fields()):
        return None  # lists and mappings get a message when the run is planned; QGIS cannot count them
    features, values = layer.featureCount(), _count(layer, field)
    if features < _FEWEST_FEATURES or values < features:
        return None
    meant = likely_class_field(layer)
    if meant is None or meant == field:
        return None
    return tr(
        "{}: '{}' has a different value for each of the {} features of '{}', so it is not a class. Did you mean '{}' ({} values)?"
    ).format(title, field, features, layer.name(), meant, _count(layer, meant))


def _has_values(layer: QgsVectorLayer, field: str) -> bool:
    """Whether a class may stand in the field of any feature: 0 is unlabelled."""
    found = layer.uniqueValues(layer.fields().indexFromName(field), len(_NO_CLASS) + 2)
    return any(attribute_text(value) not in _NO_CLASS for value in found)


def _repeats(layer: QgsVectorLayer, field: str) -> bool:
    return bool(1 < _count(layer, field) <= min(_MOST_CLASSES, layer.featureCount() - 1))


def _all_differ(layer: QgsVectorLayer, field: str) -> bool:
    return bool(_count(layer, field) == layer.featureCount())


def _count(layer: QgsVectorLayer, field: str) -> int:
    """Number of different values, without the empty one."""
    return len({attribute_text(value) for value in layer.uniqueValues(layer.fields().indexFromName(field))} - {""})
