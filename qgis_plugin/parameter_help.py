"""Labels and help texts of parameters, made from what the engine says of them."""

from __future__ import annotations

from .engine.operations import ParameterDescription
from .parameter_limits import allowed_numbers
from .translation import tr


def label(parameter: ParameterDescription) -> str:
    """The name in a form, with its unit: "Patch size (px)"."""
    title = tr(parameter.title)
    return f"{title} ({parameter.unit})" if parameter.unit else title


def help_text(parameter: ParameterDescription) -> str:
    """What the parameter means, which values it may have, and what it is when not given."""
    sentences = [tr(parameter.description)]
    if parameter.type in ("integer", "number") and (allowed := allowed_numbers(parameter)):
        sentences.append(tr("Allowed: {}.").format(allowed))
    if parameter.kind == "band_selection":
        sentences.append(
            tr("Single bands, ranges and wavelengths may be mixed: 1-20, 30, 400-900nm; bands count from 1.")
        )
    if parameter.name == "device":
        sentences.append(tr("“auto” is the device chosen in the options of QGIS, else the best there is."))
    if parameter.default is not None and not isinstance(parameter.default, bool):
        unit = f" {parameter.unit}" if parameter.unit else ""
        sentences.append(tr("Default: {}.").format(f"{parameter.default}{unit}"))
    return " ".join(sentences)
