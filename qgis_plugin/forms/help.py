"""Labels and help of parameters, made from the engine's descriptions."""

from __future__ import annotations

import re

from ..engine.operations import ParameterDescription
from ..translation import tr
from .choice_labels import labels_of
from .limits import allowed_numbers

# Labels are a layer of features in most cases, and that is what the first of their two fields is called after.
_FEATURES = {"labels": tr("Training polygons or points"), "reference": tr("Reference: polygons or points")}
_RASTERS = {"labels": tr("Or a training raster"), "reference": tr("Or a reference raster")}

# Help in the words of the form, if the engine's own speaks of values and files that a form does not show.
_IN_FORM = {
    ("labels", "labels"): tr(
        "Places whose class you know. Two or more separate places per class allow an accuracy check."
    ),
    ("reference", "labels"): tr("Places whose class you know, and that were not used for training."),
    ("model", "choice"): tr(
        "Automatic compares several methods on the same test places, picks the best and trains it on all labels. "
        "Or choose one method."
    ),
    ("effort", "choice"): tr(
        "How many methods Automatic compares. Quick: seconds to minutes; Standard: minutes; Thorough: all methods "
        "including HybridSN, which takes longest."
    ),
    ("split", "choice"): tr(
        "How labels are held back for the check. Separate places: each place is tested by a model trained elsewhere, "
        "and the map uses all labels. Nothing: no check; the map uses all labels. With the others, part of the labels is "
        "used for training and the rest for testing; random pixels overstate the accuracy."
    ),
    ("set_size", "styled_raster_out"): tr(
        "GeoTIFF of how many classes a pixel may have so that the right one is among them in 90 % of places, or in the share "
        "that “Coverage” of Classify scene asks for: 1 certain, several undecided, 0 none fits."
    ),
    ("split_source", "split_source"): tr(
        "Raster or vector layer with 1 for training, 2 for validation and 3 for test; used instead of “Check accuracy on”."
    ),
    ("extent", "extent"): tr("Only the pixels that this rectangle touches, in any CRS."),
}
# Beginnings of descriptions for which these words were written; an operation that needs others has its own.
_WRITTEN_FOR = {
    ("labels", "labels"): "Polygons or points in any vector file",
    ("split", "choice"): "folds: separate places, each tested by a model trained elsewhere; the map uses all labels.",
}
# A method is one of so many that a list of all names would hide the rest of the help.
_MOST_NAMED = 10

_RASTER_HELP = {
    "labels": tr("Raster of class values on the grid of the scene, instead of polygons or points; 0: unlabelled."),
    "reference": tr("Raster of class values on the grid of the map, instead of polygons or points; 0: unknown."),
}


def label(parameter: ParameterDescription) -> str:
    """The name in a form, with its unit: "Neighbourhood (px)"."""
    title = tr(parameter.title)
    if parameter.widget == "labels":
        return _FEATURES.get(parameter.name, title)
    return f"{title} ({parameter.unit})" if parameter.unit else title


def raster_label(parameter: ParameterDescription) -> str:
    """The name in a form of the raster that may take the place of features."""
    return _RASTERS.get(parameter.name, tr("{}: or a raster of class values").format(tr(parameter.title)))


def raster_help(parameter: ParameterDescription) -> str:
    """What the raster means that may take the place of features."""
    return _RASTER_HELP.get(parameter.name, tr(parameter.description))


def help_text(parameter: ParameterDescription) -> str:
    """What the parameter means, which values it may have, and what it is if not given."""
    sentences = [_meaning(parameter)]
    if parameter.type in ("integer", "number") and (allowed := allowed_numbers(parameter)):
        sentences.append(tr("Allowed: {}.").format(allowed))
    if parameter.kind == "band_selection":
        sentences.append(
            tr("You can mix single bands, ranges and wavelengths: 1-20, 30, 400-900nm; the first band is 1.")
        )
    if parameter.name == "class_field":
        sentences.append(tr("If left empty, it is detected."))
    if parameter.widget == "model":
        sentences.append(
            tr(
                "For a model in your folder of models (see the options of QGIS), the file name is enough; the model designer "
                "lists them behind “My models”."
            )
        )
    if parameter.name == "device":
        sentences.append(tr("“auto” is the device chosen in the QGIS options, otherwise the fastest device available."))
    if parameter.widget == "choice":
        named = list(zip(labels_of(parameter), parameter.choices))
        if len(named) <= _MOST_NAMED:
            sentences.append(tr("In scripts: {}.").format(", ".join(f"“{shown}” {word}" for shown, word in named)))
        else:
            shown, word = named[0]
            sentences.append(
                tr("In scripts: “{}” {}, the others as the page of methods lists them.").format(shown, word)
            )
    if parameter.default is not None and not isinstance(parameter.default, bool):
        unit = f" {parameter.unit}" if parameter.unit else ""
        shown = f"{parameter.default:g}" if isinstance(parameter.default, float) else parameter.default
        sentences.append(tr("Default: {}.").format(f"{shown}{unit}"))
    return " ".join(sentences)


def _meaning(parameter: ParameterDescription) -> str:
    """The first sentences, with choices called as the form calls them: "mask: …" becomes "Mask clouds: …"."""
    key = parameter.name, parameter.kind
    if key in _IN_FORM and parameter.description.startswith(_WRITTEN_FOR.get(key, "")):
        return _IN_FORM[key]
    meaning = tr(parameter.description)
    if parameter.widget == "choice":
        for shown, word in zip(labels_of(parameter), parameter.choices):
            named = rf"(?:(?<=^)|(?<=[.;:] )){re.escape(word)}(?=:)"
            meaning = f"“{shown}”".join(re.split(named, meaning))
    return meaning


def file_filter(parameter: ParameterDescription) -> str:
    """Filter of a file dialog: "Model (*.hsimodel)"."""
    patterns = " ".join(f"*{suffix}" for suffix in parameter.suffixes)
    return f"{tr(parameter.title)} ({patterns})"
