"""What the engine says about parameters, in the words of a form: ``'model'`` is “Method” there.

The engine does not know through which entry point it was called: its messages name parameters as Python does.
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


def in_form_words(operation: OperationDescription, text: str) -> str:
    """``text`` with the titles of the form instead of the names of parameters; names of the user's own data stay."""
    for parameter in operation.parameters:
        text = _renamed(parameter, text)
    return text


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
