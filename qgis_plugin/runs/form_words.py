"""What the engine says, in the words of a form: ``'model'`` is “Method” there, and nobody types a command.

The engine does not know through which entry point it was called: its messages name parameters as Python does. Words of a form
stand in “…”, names of the user's own data in '…'.
"""

from __future__ import annotations

import re

from ..engine.operations import OperationDescription, ParameterDescription
from ..forms.choice_labels import label_of
from ..forms.help import label
from ..translation import tr

# In front of a name in quotes that is one of the user's data, not of a parameter.
_OF_DATA = r"(?i:(?<!field )(?<!fields )(?<!layer )(?<!class )(?<!file )(?<!column )(?<!folder ))"
_BEFORE = r"\b(with|and|set|Set|out|without|whatever)"
# Several names after one word, all of them of parameters.
_LISTED = re.compile(r"(\b(?:one of|none of|out) )('\w+'(?:, '\w+')* (?:and|or) '\w+')")

_ALL_FROM_LEGEND = "Class names and colours come from the given legend."
# "(hsi train --more-labels)" after what the same is called in a GIS.
_COMMAND = re.compile(r" \(hsi [a-z][a-z-]*( --[a-z][a-z-]*)*\)")
# Points that QGIS has just loaded.
_OPEN = re.compile(r"(?<=^Label the points): open .+? in QGIS,")
# A number of percent that is not a part of the name of a file.
_PERCENT = re.compile(r"(?<![\w./\\'“-])(\d+(?:[.,]\d+)*)%(?=$|[\s,;:)]|\.(?:\s|$))")


def in_form_words(operation: OperationDescription, text: str) -> str:
    """``text`` with the titles of the form instead of the names of parameters, without commands, and with one form of percent.

    Names of the user's own data stay.
    """
    text = _PERCENT.sub(r"\1 %", _COMMAND.sub("", text))
    text = _OPEN.sub(tr(": select their layer,"), text)
    text = _LISTED.sub(lambda found: found[1] + _titles_in(operation, found[2]), text)
    for parameter in operation.parameters:
        text = _renamed(parameter, text)
    return text


def in_words_of_style(text: str) -> str:
    """``text`` about a legend that the plugin made of the style of a layer; nobody gave one.

    Empty for the sentence that all names and colours come from it, which the plugin has said of the style.
    """
    return "" if text == _ALL_FROM_LEGEND else re.sub(r"\b([Tt])he given legend\b", r"\1he style of the layer", text)


def _titles_in(operation: OperationDescription, names: str) -> str:
    """A list of names in quotes with titles in their place; as it is if one is not that of a parameter."""
    titles = {parameter.name: tr("“{}”").format(label(parameter)) for parameter in operation.parameters}
    quoted = re.findall(r"'(\w+)'", names)
    if not titles.keys() >= set(quoted):
        return names
    return re.sub(r"'(\w+)'", lambda found: titles[found[1]], names)


def _renamed(parameter: ParameterDescription, text: str) -> str:
    title = tr("“{}”").format(label(parameter))
    # Most lines name no parameter, and the patterns of all parameters are more than Python keeps compiled.
    if parameter.name not in text and title not in text:
        return text
    name = re.escape(parameter.name)
    own_title = re.escape(f" ({parameter.title})")
    for choice in parameter.choices:
        shown, word = tr("“{}”").format(label_of(parameter, choice)), re.escape(choice)
        text = re.sub(rf"\b([Ss]et) '?{name}'? to '?{word}'?(?=[,.;]?(\s|$))", rf"\1 {title} to {shown}", text)
        text = re.sub(rf"\bUse {name} '{word}'", f"Set {title} to {shown}", text)
        text = re.sub(rf"\b{name} '{word}'", f"{title} {shown}", text)
    for choice in parameter.choices:
        shown, word = tr("“{}”").format(label_of(parameter, choice)), re.escape(choice)
        text = re.sub(rf"({re.escape(title)} (?:to )?“[^”]+” or) '{word}'", rf"\1 {shown}", text)
    text = re.sub(rf"Parameter '{name}'{own_title}: must", f"{title} must", text)
    text = re.sub(rf"[Pp]arameters? '{name}'({own_title})?", title, text)
    text = re.sub(rf"{_BEFORE} '{name}'", rf"\1 {title}", text)
    text = re.sub(rf"^'{name}'", title, text)
    if "_" in parameter.name:  # not an English word, so it needs no further sign that it is a parameter
        text = re.sub(rf"{_OF_DATA}'{name}'", title, text)
        text = re.sub(rf"(?<![\w./\\'\"-]){name}(?![\w/\\'\"-]|\.\w)", title, text)
    return text
