"""Which numbers a parameter may be: for the spin box, for the help, and for the check before a run."""

from __future__ import annotations

from ..engine.operations import ParameterDescription
from ..translation import tr

# QGIS reads whole numbers as 32 bits; a longer seed would arrive as another one.
LARGEST_INTEGER = 2**31 - 1


def limits(parameter: ParameterDescription) -> dict[str, float]:
    """The bounds ``ge``, ``gt``, ``le``, ``lt`` that are set, narrowed to what QGIS can hold."""
    bounds = {name: parameter.bounds[name] for name in ("ge", "gt", "le", "lt") if name in parameter.bounds}
    if parameter.type == "integer":
        bounds["le"] = min(bounds.get("le", LARGEST_INTEGER), LARGEST_INTEGER)
    return bounds


def is_allowed(parameter: ParameterDescription, number: float) -> bool:
    """Whether ``number`` lies within the limits, and is odd if only odd ones are allowed."""
    bounds = limits(parameter)
    return (
        number >= bounds.get("ge", number)
        and number <= bounds.get("le", number)
        and ("gt" not in bounds or number > bounds["gt"])
        and ("lt" not in bounds or number < bounds["lt"])
        and not (parameter.odd and number % 2 == 0)
    )


def allowed_numbers(parameter: ParameterDescription) -> str:
    """The limits as text, "an odd number from 3 to 99"; empty if any number will do."""
    bounds = {name: _text(bound) for name, bound in limits(parameter).items()}
    if bounds.get("le") == _text(LARGEST_INTEGER) and parameter.kind != "seed":
        del bounds["le"]
    if "ge" in bounds and "le" in bounds:
        words = [tr("from {} to {}").format(bounds["ge"], bounds["le"])]
    else:
        phrases = {
            "ge": tr("at least {}"),
            "gt": tr("greater than {}"),
            "le": tr("at most {}"),
            "lt": tr("less than {}"),
        }
        words = [phrase.format(bounds[name]) for name, phrase in phrases.items() if name in bounds]
    text = tr(" and ").join(words)
    return f"{tr('an odd number')} {text}".strip() if parameter.odd else text


def _text(number: float) -> str:
    return f"{int(number):,}" if float(number).is_integer() else f"{number:g}"
