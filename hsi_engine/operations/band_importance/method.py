"""From a model to the method that it was made with, as a training understands it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...bundle.model_bundle import ModelBundle
from ...errors import BundleError, HsiError
from ...training.recipe import Recipe
from ..definition.scene_input import scene_reading
from ..definition.validation import validate
from ..train_classifier.operation import OPERATION as TRAINING
from ..train_classifier.parameters import TrainClassifierParams
from ..train_classifier.recipes import candidate_recipes, untested_recipes
from .operation import BandImportanceParams

# What decides how labels are read, and stands among the parameters.
_OF_LABELS = ("name_field", "color_field", "layer", "legend", "overlap", "all_touched", "resampling")
# Settings that play no part in an examination.
_NOT_NEEDED: Mapping[str, Any] = {
    "split": "folds",
    "compare_split": "none",
    "split_source": None,
    "split_field": None,
    "smooth": False,
    "time_limit": None,
    "patience": None,
    "validation_share": 0.0,
    "init_from": None,
    "freeze_features": False,
    "denoise": False,  # the model brings its denoiser
    "denoiser": None,
    "small_classes": "drop",
}


@dataclass(frozen=True, kw_only=True)
class RecordedMethod:
    """The method of a model.

    Parameters
    ----------
    params : of a training with its settings on the scene and labels that are given.
    recipes_of : what is trained and averaged, from the number of bands.
    title : for people.
    seconds : what training and testing it took in the folds of the model, or else all of the model's training; None if not
        known.
    in_folds : whether it is the first.
    notes : what differs from the training of the model.
    """

    params: TrainClassifierParams
    recipes_of: Callable[[int], list[Recipe]]
    title: str
    seconds: float | None
    in_folds: bool
    notes: tuple[str, ...]


def recorded_method(params: BandImportanceParams, bundle: ModelBundle, title: str) -> RecordedMethod:
    """Method and settings in the record of a model.

    Raises
    ------
    BundleError : the record does not say how the model was trained, or as no method of this version is; or the model sees a
        second raster.
    """
    if bundle.preprocessing.second_bands:
        raise BundleError(
            f"{params.model.name} sees a second raster; the importance of bands is found for models of one scene alone.",
            code="second_source",
            hint="Examine a model without a second raster.",
        )
    settings = bundle.training.get("settings")
    if not isinstance(settings, Mapping) or "model" not in settings:
        raise BundleError(
            f"{params.model.name} does not say how it was trained, so its method cannot be trained on a part of the labels.",
            code="no_settings",
            hint="Train a model with this version.",
        )
    values = _values(params, settings)
    try:
        training = validate(TRAINING, values)
    except HsiError as error:
        raise BundleError(
            f"The settings that {params.model.name} was trained with are not those of a method of this version: {error.message}",
            code="settings",
            hint="Train a model with this version.",
        ) from error
    selection = bundle.training.get("selection")
    members, seconds = _members(selection)
    notes = (
        ["The model was trained from another model's weights; here its method begins afresh."]
        if settings.get("init_from")
        else []
    )
    if bundle.denoising is not None:
        notes.append("Bands are those of the scene after the denoiser of the model.")
    return RecordedMethod(
        params=training,
        recipes_of=lambda n_bands: _recipes(training, n_bands, members),
        title=title,
        seconds=_number(bundle.training.get("seconds")) if seconds is None else seconds,
        in_folds=seconds is not None,
        notes=tuple(notes),
    )


def _values(params: BandImportanceParams, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a training with recorded settings on the scene and labels that are given."""
    known = {name: settings[name] for name in TrainClassifierParams.model_fields if name in settings}
    given = {name: getattr(params, name) for name in _OF_LABELS}
    return {
        **known,
        **_NOT_NEEDED,
        **given,
        "scene": params.scene,
        "labels": params.labels,
        **_reading(params, known),
        "more_labels": params.more_labels,
        "more_class_field": params.more_class_field,
        "class_field": params.class_field or known.get("class_field"),
        "block_size": params.block_size,
        "folds": params.folds,
        "seed": params.seed,
        "device": params.device,
        "output": params.model,  # nothing is written to it; temporary files lie next to it
    }


def _reading(params: BandImportanceParams, known: Mapping[str, Any]) -> dict[str, Any]:
    """How the scene is read: as it is given here, else as in the training; but for a list of wavelengths, which may be gone."""
    given = scene_reading(params)
    defaults = {name: BandImportanceParams.model_fields[name].default for name in given}
    recorded = {name: known.get(name, value) for name, value in given.items() if name != "wavelengths"}
    return {name: recorded.get(name, value) if value == defaults[name] else value for name, value in given.items()}


def _members(selection: Any) -> tuple[tuple[str, ...], float | None]:
    """The names of the methods that the model averages, and the seconds that they took in its folds."""
    if not isinstance(selection, Mapping):
        return (), None
    rows = {row["name"]: row for row in selection.get("candidates", ()) if isinstance(row, Mapping) and "name" in row}
    chosen = rows.get(selection.get("chosen"), {})
    members = tuple(str(name) for name in chosen.get("members") or ())
    times = [_number(rows[name].get("seconds")) for name in members if name in rows]
    known = [time for time in times if time is not None]
    return members, sum(known) if known else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _recipes(training: TrainClassifierParams, n_bands: int, members: tuple[str, ...]) -> list[Recipe]:
    if training.model != "auto" or not members:
        return untested_recipes(training, n_bands)
    found = {recipe.name: recipe for recipe in candidate_recipes(training, n_bands)}
    if not set(members) <= set(found):
        raise BundleError(
            f"The model averages {', '.join(members)}; this version compares {', '.join(found)}.",
            code="settings",
            hint="Train a model with this version.",
        )
    return [found[name] for name in members]
