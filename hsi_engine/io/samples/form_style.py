"""Style and form of points to be labelled in QGIS: reference points, and those suggested for training.

Points have the colours of their classes, and those without a label a ring that stands out. The form offers the classes and
hides what would give away the class of the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # nosec B405 - it writes only

from ...classes.class_names import name_key, one_line
from ...classes.legend import Legend
from ..labels.interpreted_points import CANNOT_TELL
from ..legends.style_files import document
from .layout import FIELDS, TO_FILL_IN
from .reference_sample import CERTAINTIES, OTHER

# The value of a list that QGIS stores as NULL (QgsValueMapFieldFormatter::NULL_VALUE).
_NULL_OF_QGIS = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
_NOT_LABELLED = "not labelled"
_OTHER_COLOUR, CANNOT_TELL_COLOUR, _RING = "#8c8c8c", "#111111", "#e0218a"
_ALIASES = {"reference": "Class on the ground", "certainty": "Certainty", "comment": "Comment"}


@dataclass(frozen=True, kw_only=True)
class PointForm:
    """What an interpreter sees of points.

    Parameters
    ----------
    fields : of the layer, in order.
    number : the one that numbers the points.
    shown : fields that the form shows after the number, before those to be filled in.
    hidden : fields that neither form nor table shows.
    aliases : what fields are called.
    further : choices besides the classes, and their colours.
    squares : the points are squares of pixels.
    """

    fields: tuple[str, ...]
    number: str
    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    aliases: Mapping[str, str]
    further: Mapping[str, str]
    squares: bool = False


REFERENCE_FORM = PointForm(
    fields=FIELDS,
    number="point_id",
    shown=(),
    hidden=("stratum", "inclusion_probability"),
    aliases={"point_id": "Point"},
    further={OTHER: _OTHER_COLOUR, CANNOT_TELL: CANNOT_TELL_COLOUR},
)


def reference_choices(legend: Legend, form: PointForm = REFERENCE_FORM) -> dict[str, str]:
    """What an interpreter can choose, and its colour ``#rrggbb``: the classes, another one, or that it cannot be told."""
    choices = {one_line(c.name): c.colour for c in legend}
    taken = {name_key(name) for name in choices}
    return choices | {name: colour for name, colour in form.further.items() if name_key(name) not in taken}


def points_qml(legend: Legend, form: PointForm = REFERENCE_FORM) -> str:
    """The style and form of the points as the text of a ``.qml``."""
    choices = reference_choices(legend, form)
    root = ET.Element("qgis", version="3.22.0", styleCategories="AllStyleCategories", labelsEnabled="0")
    _renderer(root, choices, squares=form.squares)
    _form(root, choices, form)
    ET.SubElement(root, "previewExpression").text = f'"{form.number}"'
    ET.SubElement(
        root, "mapTip"
    ).text = f"<b>Point [% {form.number} %]</b><br>[% coalesce(reference, '{_NOT_LABELLED}') %]"
    ET.SubElement(root, "layerGeometryType").text = "2" if form.squares else "0"
    return document(root)


def _renderer(root: ET.Element, choices: Mapping[str, str], *, squares: bool) -> None:
    renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr="reference", symbollevels="1")
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for number, (name, colour) in enumerate(choices.items()):
        ET.SubElement(categories, "category", symbol=str(number), value=name, label=name, render="true", type="string")
        if squares:
            _outline(symbols, str(number), colour, "0.6")
        else:
            _marker(symbols, str(number), colour, "#1f2328", outline_width="0.2", size="2.8")
    # A category without a value takes all that no other takes: points without a reference, and unknown words.
    last = str(len(choices))
    ET.SubElement(categories, "category", symbol=last, value="", label=_NOT_LABELLED, render="true", type="string")
    # A ring: the pixel that is to be named shows through.
    if squares:
        _outline(symbols, last, _RING, "0.9")
    else:
        _marker(symbols, last, "#ffffff00", _RING, outline_width="0.9", size="4.2")


def _marker(symbols: ET.Element, name: str, fill: str, outline: str, *, outline_width: str, size: str) -> None:
    properties = {
        "name": "circle",
        "color": _rgba(fill),
        "outline_color": _rgba(outline),
        "outline_style": "solid",
        "outline_width": outline_width,
        "outline_width_unit": "MM",
        "size": size,
        "size_unit": "MM",
    }
    _symbol(symbols, name, "marker", "SimpleMarker", properties)


def _outline(symbols: ET.Element, name: str, colour: str, width: str) -> None:
    properties = {
        "color": _rgba("#ffffff00"),
        "style": "no",
        "outline_color": _rgba(colour),
        "outline_style": "solid",
        "outline_width": width,
        "outline_width_unit": "MM",
    }
    _symbol(symbols, name, "fill", "SimpleFill", properties)


def _symbol(symbols: ET.Element, name: str, kind: str, layer_class: str, properties: Mapping[str, str]) -> None:
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    layer = ET.SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in properties.items():
        ET.SubElement(options, "Option", name=key, value=value, type="QString")


def _form(root: ET.Element, choices: Mapping[str, str], form: PointForm) -> None:
    fields, aliases = ET.SubElement(root, "fieldConfiguration"), ET.SubElement(root, "aliases")
    editable = ET.SubElement(root, "editable")
    table = ET.SubElement(ET.SubElement(root, "attributetableconfig", sortExpression="", sortOrder="0"), "columns")
    names = _ALIASES | dict(form.aliases)
    for index, field in enumerate(form.fields):
        _widget(ET.SubElement(fields, "field", name=field), field, choices, hidden=field in form.hidden)
        ET.SubElement(aliases, "alias", field=field, index=str(index), name=names.get(field, ""))
        ET.SubElement(editable, "field", name=field, editable="1" if field in TO_FILL_IN else "0")
        ET.SubElement(table, "column", name=field, type="field", hidden=str(int(field in form.hidden)), width="-1")
    ET.SubElement(root, "editorlayout").text = "tablayout"
    layout = ET.SubElement(root, "attributeEditorForm")
    for field in (form.number, *form.shown, *TO_FILL_IN):
        ET.SubElement(layout, "attributeEditorField", name=field, index=str(form.fields.index(field)), showLabel="1")


def _widget(parent: ET.Element, field: str, choices: Mapping[str, str], *, hidden: bool) -> None:
    kind = {"reference": "ValueMap", "certainty": "ValueMap", "comment": "TextEdit"}.get(field, "TextEdit")
    widget = ET.SubElement(parent, "editWidget", type="Hidden" if hidden else kind)
    config = ET.SubElement(ET.SubElement(widget, "config"), "Option", type="Map")
    if kind == "ValueMap":
        offered = tuple(choices) if field == "reference" else CERTAINTIES
        values = ET.SubElement(config, "Option", name="map", type="List")
        empty = _NOT_LABELLED if field == "reference" else ""
        for label, value in [(empty, _NULL_OF_QGIS), *((text, text) for text in offered)]:
            entry = ET.SubElement(values, "Option", type="Map")
            ET.SubElement(entry, "Option", name=label, value=value, type="QString")
    elif field == "comment":
        ET.SubElement(config, "Option", name="IsMultiline", value="true", type="bool")


def _rgba(colour: str) -> str:
    """Of #rrggbb or #rrggbbaa."""
    return ",".join(str(part) for part in bytes.fromhex(f"{colour[1:]:f<8}"))
