"""Labels and help texts of parameters, made from what the engine says of them."""

from __future__ import annotations

from .choice_labels import CHOICE_LABELS, labels_of
from .engine.operations import ParameterDescription
from .parameter_limits import allowed_numbers
from .translation import tr

# Labels are a layer of features in most cases, and that is what the first of their two fields is called after.
_FEATURES = {"labels": tr("Training polygons or points"), "reference": tr("Reference: polygons or points")}
_RASTERS = {"labels": tr("Training raster instead"), "reference": tr("Reference: or a raster of class values")}


def label(parameter: ParameterDescription) -> str:
    """The name in a form, with its unit: "Neighbourhood (px)"."""
    title = tr(parameter.title)
    if parameter.kind == "labels":
        return _FEATURES.get(parameter.name, title)
    return f"{title} ({parameter.unit})" if parameter.unit else title


def raster_label(parameter: ParameterDescription) -> str:
    """The name in a form of the raster that may take the place of features."""
    return _RASTERS.get(parameter.name, tr("{}: or a raster of class values").format(tr(parameter.title)))


def help_text(parameter: ParameterDescription) -> str:
    """What the parameter means, which values it may have, and what it is when not given."""
    sentences = [tr(parameter.description)]
    if parameter.type in ("integer", "number") and (allowed := allowed_numbers(parameter)):
        sentences.append(tr("Allowed: {}.").format(allowed))
    if parameter.kind == "band_selection":
        sentences.append(
            tr("Single bands, ranges and wavelengths may be mixed: 1-20, 30, 400-900nm; bands count from 1.")
        )
    if parameter.kind == "model":
        sentences.append(tr("Of a model in your folder of models (see the options of QGIS) the file name is enough."))
    if parameter.name == "device":
        sentences.append(tr("“auto” is the device chosen in the options of QGIS, else the best there is."))
    if parameter.name in CHOICE_LABELS and parameter.kind == "choice":
        named = zip(labels_of(parameter.name, parameter.choices), parameter.choices)
        sentences.append(tr("In scripts: {}.").format(", ".join(f"“{shown}” {word}" for shown, word in named)))
    if parameter.default is not None and not isinstance(parameter.default, bool):
        unit = f" {parameter.unit}" if parameter.unit else ""
        sentences.append(tr("Default: {}.").format(f"{parameter.default}{unit}"))
    return " ".join(sentences)
