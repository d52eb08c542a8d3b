"""From the parameters of a training to the recipes that are compared."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ...errors import ParameterError
from ...foreign.json_text import parse_json
from ...foreign.text import ForeignTextError
from ...models import registry
from ...preprocess.branch import ReductionSettings
from ...training.config import TrainingConfig
from ...training.recipe import Recipe
from .parameters import TrainClassifierParams

# Settings of one method: whoever gives them has to say which.
_OPTIONS = tuple(name for name in registry.option_names() if name in TrainClassifierParams.model_fields)
NETWORK_SETTINGS = (
    "epochs",
    "batch_size",
    "learning_rate",
    "schedule",
    "weight_decay",
    "label_smoothing",
    "class_weights",
    "fewest_draws",
    "surround_dropout",
    "augment",
    "patience",
)
_VIEW = ("reduction", "components", "whiten", "patch_size")
_OF_ONE_METHOD = (*_OPTIONS, "model_options", *NETWORK_SETTINGS, *_VIEW)

_FOLDS = {"quick": 3, "standard": 5, "thorough": 5}
_CLASSICAL = ("logistic_regression", "lda", "svm", "random_forest")
# Edges of the patches of the spectral-first networks that are compared.
_CONTEXTS = {"quick": (1, 5), "standard": (1, 3, 5), "thorough": (1, 3, 5, 7, 9)}
# What is compared on components of a minimum noise fraction, too. If bands are noisy and labels few, they are worth
# more than the bands; if pixels are mixtures of neighbours, they are worth less.
_ON_MNF: tuple[tuple[str, int | None], ...] = (("svm", None), ("spectral_cnn", 5))
_MNF_COMPONENTS = 20
_VARIED_SPECTRA = (("logistic_regression", "brightness"), ("svm", "brightness"), ("lda", "derivative"))

BASELINE = "logistic_regression"
"""What every other method is compared with."""
UNTESTED = ("logistic_regression", "random_forest")
"""What is averaged if labels allow no honest comparison."""
LINEAR = ("logistic_regression", "lda")
"""What is compared, or averaged, if a training is to take seconds."""


def n_folds(params: TrainClassifierParams) -> int:
    """Folds that are asked for."""
    return params.folds or _FOLDS[params.effort]


def candidate_recipes(params: TrainClassifierParams, n_bands: int, second_bands: int = 0) -> list[Recipe]:
    """What is compared, the cheapest first; the baseline is always among it.

    ``second_bands`` is the number of the last of the ``n_bands`` that belong to a second raster.

    Raises
    ------
    ParameterError : a setting does not belong to the method, or no method was chosen for it.
    """
    if params.model != "auto":
        wanted = recipe_of(params, params.model, n_bands, second_bands)
        baseline = default_recipe(params, BASELINE, n_bands)
        return [wanted] if params.model == BASELINE else [baseline, wanted]
    given = settings_of_one_method(params)
    if given:
        raise ParameterError(
            f"Parameter '{given[0]}' is a setting of one method, but the automatic choice compares several.",
            code="setting_of_auto",
            hint="Choose a method with 'model', or leave the setting out.",
        )
    if params.LINEAR_ONLY:
        return [default_recipe(params, name, n_bands) for name in LINEAR]
    recipes = [default_recipe(params, name, n_bands) for name in _CLASSICAL]
    recipes += [default_recipe(params, "spectral_cnn", n_bands, patch_size=edge) for edge in _CONTEXTS[params.effort]]
    if n_bands > _MNF_COMPONENTS and not params.denoises:  # an MNF is found from the noise
        mnf = {"reduction": "mnf", "components": _MNF_COMPONENTS, "whiten": 0.5}
        recipes += [default_recipe(params, name, n_bands, patch_size=edge, **mnf) for name, edge in _ON_MNF]
        recipes.sort(key=lambda recipe: recipe.is_network)
    if params.effort == "thorough":
        if n_bands > 2:
            recipes += [default_recipe(params, name, n_bands, normalisation=how) for name, how in _VARIED_SPECTRA]
        hybridsn = registry.get("hybridsn")
        if n_bands >= hybridsn.least_components:
            recipes.append(default_recipe(params, "hybridsn", n_bands))
    return recipes


def settings_of_one_method(params: TrainClassifierParams) -> list[str]:
    """The names of the settings that were given and belong to one method."""
    given = [name for name in _OF_ONE_METHOD if getattr(params, name) is not None]
    return [*given, "normalisation"] if params.normalisation != "none" else given


def untested_recipes(params: TrainClassifierParams, n_bands: int, second_bands: int = 0) -> list[Recipe]:
    """What makes the map if no comparison is possible: the method that was chosen, or an average of simple ones."""
    if params.model != "auto":
        return [recipe_of(params, params.model, n_bands, second_bands)]
    return [default_recipe(params, name, n_bands) for name in (LINEAR if params.LINEAR_ONLY else UNTESTED)]


def default_recipe(params: TrainClassifierParams, model: str, n_bands: int, **given: Any) -> Recipe:
    """A method with its own settings, but for those that are given and not None."""
    return _recipe(params, model, n_bands, {name: value for name, value in given.items() if value is not None}, {})


def recipe_of(params: TrainClassifierParams, model: str, n_bands: int, second_bands: int = 0) -> Recipe:
    """A method with the settings that were given, and its own defaults for the others.

    Raises
    ------
    ParameterError : a setting or option that the method does not have.
    """
    architecture = registry.get(model)
    given = {
        name: value
        for name in (*NETWORK_SETTINGS, *_VIEW, "normalisation")
        if (value := getattr(params, name)) is not None
    }
    foreign = [name for name in NETWORK_SETTINGS if name in given] if architecture.fit is not None else []
    if foreign:
        raise ParameterError(
            f"Parameter '{foreign[0]}' is a setting of networks; {architecture.title} has no such setting.",
            code="setting_of_networks",
            hint="Leave it out, or choose a network with 'model'.",
        )
    options = parse_option_text(params.model_options or "")
    options |= {name: value for name in _OPTIONS if (value := getattr(params, name)) is not None}
    registry.parse_options(model, options)
    if architecture.second_source:
        if "second_bands" in options:
            raise ParameterError(
                "Option 'second_bands' cannot be set: it is the number of bands of the second raster.",
                code="model_option",
                hint="Leave it out.",
            )
        options["second_bands"] = second_bands
    return _recipe(params, model, n_bands, given, options, second_bands)


def _recipe(
    params: TrainClassifierParams,
    model: str,
    n_bands: int,
    given: dict[str, Any],
    options: dict[str, Any],
    second_bands: int = 0,
) -> Recipe:
    settings = {**registry.get(model).suggested, **given}
    if params.split == "random" and "surround_dropout" not in given:
        # The question is what lies between labels: there, the surroundings are known.
        settings["surround_dropout"] = 0.0
    kind = settings["reduction"]
    if kind == "mnf" and params.denoises:
        raise ParameterError(
            "Parameter 'reduction' is mnf, which orders components by their noise, but the scene is denoised first.",
            code="denoised_mnf",
            hint="Choose another reduction, such as pca, or leave out 'denoise' and 'denoiser'.",
        )
    channels = n_bands - second_bands - (settings.get("normalisation") == "derivative")
    components = given.get("components")
    if components is None and kind in ("pca", "mnf"):
        # A default never asks for more than the scene has.
        components = min(settings.get("components", 15), channels)
    if "class_weights" in settings:
        settings["class_weight_power"] = float(settings["class_weights"])
    if "epochs" in given:
        settings |= {"least_steps": None, "most_steps": None}
    training = {field.name: settings[field.name] for field in fields(TrainingConfig) if field.name in settings}
    return Recipe(
        model=model,
        options=options,
        reduction=ReductionSettings(
            kind=kind,
            normalisation=settings.get("normalisation", "none"),
            n_components=components if kind in ("pca", "mnf") else None,
            whiten=0.0 if kind == "bands" else float(settings.get("whiten", 1.0)),
            second_bands=second_bands,
        ),
        patch_size=settings["patch_size"],
        training=TrainingConfig(
            **{"epochs": 1, "batch_size": 2, "learning_rate": 1.0, **training, "seed": params.seed}
        ),
    )


def parse_option_text(text: str) -> dict[str, Any]:
    """Options as a user writes them, ``attention=non_local, nodes=8``: numbers, true and false, and words.

    Raises
    ------
    ParameterError : a part is not of the form ``name=value``, or a name comes twice.
    """
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value):
            raise ParameterError(
                f"Parameter 'model_options' cannot be read at {part!r}: expected name=value.",
                code="model_option",
                hint="Write name=value, separated by commas, such as attention=non_local, nodes=8.",
            )
        name = name.removeprefix("--").replace("-", "_")
        if name in found:
            raise ParameterError(f"Parameter 'model_options' states {name!r} twice.", code="model_option")
        try:
            read = parse_json(value.lower())
        except ForeignTextError:
            read = value
        found[name] = read if isinstance(read, bool | int | float) else value
    return found
