"""From the list of models to recipes with the settings of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import ParameterError
from ...models import registry
from ...training.recipe import Recipe
from ..definition.scene_input import READING
from ..definition.validation import validate
from ..train_classifier.method_options import MethodOptions
from ..train_classifier.operation import OPERATION as TRAINING
from ..train_classifier.parameters import TrainClassifierParams
from ..train_classifier.recipes import parse_option_text, recipe_of
from .model_list import ListedModel, parse_models
from .operation import CompareModelsParams

_SAME = (
    "scene", "labels", *READING, "class_field", "name_field", "color_field", "layer", "legend", "overlap", "all_touched",
    "resampling", "bands", "min_samples", "small_classes", "split", "train_share", "folds", "block_size", "seed", "device",
    "precision",
)  # fmt: skip
# Settings that are not those of one model, or need what a comparison does not have.
_NOT_OF_A_MODEL = frozenset(
    {"model_options", "init_from", "freeze_features", "patience", "seed", "device", "precision", "processes", "resume"}
)
_SETTINGS = frozenset(MethodOptions.model_fields) - _NOT_OF_A_MODEL
# Stands in for the bands of the scene while these are not known yet.
_MANY_BANDS = 100_000


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """A model that is compared, with the parameters of its training."""

    listed: ListedModel
    params: TrainClassifierParams

    @property
    def label(self) -> str:
        """Its name in files and tables."""
        return self.listed.label

    def recipe(self, n_bands: int) -> Recipe:
        """What is trained, for a scene with so many usable bands; the seed is the first one."""
        return recipe_of(self.params, self.listed.name, n_bands)


def shared_params(params: CompareModelsParams) -> TrainClassifierParams:
    """The training that reads scene and labels for all models; it names no model, and writes nothing."""
    return _training(params, {})


def competitors(params: CompareModelsParams) -> list[Competitor]:
    """The models to be compared, in the order of the list.

    Raises
    ------
    ParameterError : a setting that a model does not have, a value that is not allowed, or a model that needs a second
        raster.
    """
    found = []
    for listed in parse_models(params.models):
        given = parse_option_text(listed.settings)
        values: dict[str, Any] = {name: value for name, value in given.items() if name in _SETTINGS}
        options = {name: value for name, value in given.items() if name not in _SETTINGS}
        architecture = registry.get(listed.name)
        if architecture.second_source:
            raise ParameterError(
                f"Parameter 'models' (Models) lists {listed.name!r}, which needs a second raster; models are compared on the"
                " scene alone.",
                code="second_missing",
                hint="Take it off the list. Train it on a share of the labels, and other methods on the same, to compare them.",
            )
        if params.epochs is not None and architecture.fit is None:
            values = {"epochs": params.epochs, **values}
        if options:
            values["model_options"] = ", ".join(f"{name}={_written(value)}" for name, value in options.items())
        one = Competitor(listed=listed, params=_training(params, {"model": listed.name, **values}))
        registry.check_patch_size(architecture, one.recipe(_MANY_BANDS).patch_size)
        found.append(one)
    return found


def _training(params: CompareModelsParams, values: dict[str, Any]) -> TrainClassifierParams:
    same = {name: getattr(params, name) for name in _SAME}
    return validate(TRAINING, {**same, "output": params.results, "smooth": False, **values})


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
