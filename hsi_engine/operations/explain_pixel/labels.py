"""The spectra of the classes: those that the model keeps, or those of labels in the scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...bundle.model_bundle import ModelBundle
from ...classes.class_names import is_named, name_key
from ...classes.legend import Legend
from ...errors import LabelError
from ...io.labels.labels import Labels, read_labels, read_legend
from ...io.scenes.scene import SceneReader
from ...label_check.spectra import read_spectra
from ...phrases import listed
from ...pixels.samples import SampleSet
from ...reporting import Reporter
from ...spectrum.class_spectra import ClassSpectrum, SpectrumSums, class_spectra_of_record
from ..definition.label_input import ClassField, LabelReading
from .operation import ExplainPixelParams

# What says how labels are read, with the values that stand for nothing in particular.
_OF_LABELS = {name: field.default for name, field in {**ClassField.model_fields, **LabelReading.model_fields}.items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownClasses:
    """What is known of the spectra of the classes.

    Parameters
    ----------
    spectra : in the order of the legend of the model; None for a class without pixels.
    source : whose pixels they are of.
    missing, notes : sentences.
    """

    spectra: tuple[ClassSpectrum | None, ...]
    source: Literal["model", "labels", "none"]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def known_classes(
    params: ExplainPixelParams, bundle: ModelBundle, reader: SceneReader, bands: tuple[int, ...], reporter: Reporter
) -> KnownClasses:
    """The class spectra for the bands of the model, from the labels if there are some.

    Raises
    ------
    LabelError : the labels cannot be read, or have no class of the model.
    """
    if params.labels is not None:
        return _of_labels(params, bundle, reader, bands, reporter)
    legend = bundle.legend
    found = class_spectra_of_record(
        bundle.training.get("class_spectra"), classes=len(legend), bands=len(bundle.preprocessing.bands)
    )
    if found is None:
        sentence = (
            "The model keeps no spectra of its classes, as it is of an earlier version: the spectrum is shown alone. Name the"
            " labels of this scene (labels) to compare it with their pixels, or train the model again."
        )
        return KnownClasses(spectra=(None,) * len(legend), source="none", missing=(sentence,), notes=_unused(params))
    return KnownClasses(spectra=found, source="model", notes=_unused(params))


def _unused(params: ExplainPixelParams) -> tuple[str, ...]:
    """A note if it was stated how labels are read, but not which."""
    given = [name for name, usual in _OF_LABELS.items() if getattr(params, name) != usual]
    if not given:
        return ()
    of_labels = f"{'is' if len(given) == 1 else 'are'} about labels, and none were given (labels)"
    return (
        f"Not used: {listed([repr(name) for name in given])} {of_labels}; classes have the spectra that the model keeps.",
    )


def _of_labels(
    params: ExplainPixelParams, bundle: ModelBundle, reader: SceneReader, bands: tuple[int, ...], reporter: Reporter
) -> KnownClasses:
    labels = _read(params, reader, None if params.legend is None else read_legend(params.legend))
    if labels.texts and params.legend is None:
        labels = _read(params, reader, bundle.legend)  # names take the values that they have in the model
    known = {item.value for item in bundle.legend}
    if not known & {item.value for item in labels.legend}:
        theirs, own = (listed(legend.names[:5]) for legend in (labels.legend, bundle.legend))
        raise LabelError(
            f"The labels have no class of the model: they have {theirs}, the model has {own}.",
            code="no_common_class",
            hint="Choose the field with the classes that the model was trained on.",
        )
    samples, left_out = SampleSet.from_labels(labels.pixels, labels.legend)
    spectra = read_spectra(reader, bands, samples, reporter)
    sums = SpectrumSums(bundle.preprocessing.mean_spectrum)
    values = labels.legend.to_value(spectra.samples.classes)
    sums.add(values, spectra.values.T)
    found = tuple(sums.of(item.value) for item in bundle.legend)
    without = [item.name for item, one in zip(bundle.legend, found, strict=True) if one is None]
    missing = (f"The labels have no pixels with data of {listed(without)}.",) if without else ()
    notes = (*labels.warnings, *left_out, *_other_names(labels.legend, bundle.legend))
    return KnownClasses(spectra=found, source="labels", missing=missing, notes=notes)


def _read(params: ExplainPixelParams, reader: SceneReader, legend: Legend | None) -> Labels:
    if params.labels is None:
        raise ValueError("no labels were given")
    return read_labels(
        params.labels,
        reader.scene.grid,
        layer=params.layer,
        class_field=params.class_field,
        name_field=params.name_field,
        colour_field=params.color_field,
        overlap=params.overlap,
        all_touched=params.all_touched,
        resampling=params.resampling,
        legend=legend,
    )


def _other_names(labels: Legend, model: Legend) -> tuple[str, ...]:
    named = {item.value: item.name for item in model if is_named(item.value, item.name)}
    return tuple(
        f"Class {item.value} is called “{item.name}” in the labels but “{named[item.value]}” in the model; classes are"
        " matched by value."
        for item in labels
        if item.value in named
        and is_named(item.value, item.name)
        and name_key(item.name) != name_key(named[item.value])
    )
