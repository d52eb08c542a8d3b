"""Starting a training with the network of a model file: its view of a spectrum, its weights, the classes both know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...bundle.model_bundle import Member, ModelBundle
from ...bundle.model_file import read_bundle
from ...classes.class_names import name_key
from ...classes.legend import Legend
from ...errors import MismatchError, ParameterError
from ...io.scenes.scene import Scene, UsableBands
from ...models import registry
from ...models.architectures.onnx_graph import ARCHITECTURE as ONNX_GRAPH
from ...preprocess.branch import Branch
from ...preprocess.chain import Preprocessing
from ...training.initial_weights import Start
from ...training.recipe import Recipe
from .parameters import TrainClassifierParams
from .recipes import BASELINE, NETWORK_SETTINGS, default_recipe, recipe_of, settings_of_one_method


@dataclass(frozen=True, kw_only=True, eq=False)
class WarmStart:
    """The network that a training starts from.

    Parameters
    ----------
    path, bundle : the model file and what it holds.
    member : its network.
    usable : the bands of the scene that it needs, in its order.
    freeze_features : train the head alone.
    """

    path: Path
    bundle: ModelBundle
    member: Member
    usable: UsableBands
    freeze_features: bool

    @property
    def branch(self) -> Branch:
        """How the network sees a spectrum."""
        return self.bundle.preprocessing.branches[self.member.branch]

    def with_its_view(self, preprocessing: Preprocessing) -> Preprocessing:
        """A preprocessing fitted to the new scene, with the branch of the model in the place of the one like it."""
        branches = tuple(
            self.branch if branch.settings == self.branch.settings else branch for branch in preprocessing.branches
        )
        return replace(preprocessing, branches=branches)

    def begin(self, recipe: Recipe, legend: Legend) -> Recipe:
        """The recipe with the first weights, for the classes of the labels."""
        old = {name_key(name): index for index, name in enumerate(self.bundle.legend.names)}
        return replace(
            recipe,
            start=Start(
                weights=self.member.weights,
                classes=tuple(old.get(name_key(name)) for name in legend.names),
                freeze_features=self.freeze_features,
                model_id=self.bundle.id,
            ),
        )

    def describe(self, legend: Legend) -> str:
        """A sentence on the classes that are kept, new and dropped."""
        known = {name_key(name) for name in self.bundle.legend.names}
        wanted = {name_key(name) for name in legend.names}
        kept = [name for name in legend.names if name_key(name) in known]
        new = [name for name in legend.names if name_key(name) not in known]
        dropped = [name for name in self.bundle.legend.names if name_key(name) not in wanted]
        parts = [f"Starts from {registry.get(self.member.architecture).title} of '{self.path.name}'"]
        parts.append(f"known classes: {', '.join(kept)}" if kept else "none of its classes is among the labels")
        if new:
            parts.append(f"new classes: {', '.join(new)}")
        if dropped:
            parts.append(f"not among the labels, and not in the new model: {', '.join(dropped)}")
        if self.freeze_features:
            parts.append("its features stay as they are")
        return f"{'; '.join(parts)}."

    def doubts(self, inputs: Mapping[str, str]) -> tuple[str, ...]:
        """A sentence if the model was, or may have been, trained on the same scene, by the hashes of the inputs."""
        known = self.bundle.training.get("inputs")
        if not isinstance(known, dict) or "scene" not in known:
            return (
                "The model to start from does not state the inputs that it was trained on. If it has seen labels that are tested now,"
                " the accuracy is too high.",
            )
        if known["scene"] != inputs["scene"]:
            return ()
        return (
            "The model to start from was trained on this scene. If it has seen labels that are tested now, the accuracy is too"
            " high.",
        )

    def record(self, legend: Legend) -> dict[str, Any]:
        """What the model file says of the start."""
        known = {name_key(name) for name in self.bundle.legend.names}
        return {
            "model": self.bundle.id,
            "name": self.path.name,
            "kept": [name for name in legend.names if name_key(name) in known],
            "new": [name for name in legend.names if name_key(name) not in known],
            "frozen": self.freeze_features,
        }


def read_warm_start(params: TrainClassifierParams, scene: Scene) -> tuple[TrainClassifierParams, WarmStart | None]:
    """Read the model that a training starts from, and find its bands in the scene; None if it starts afresh.

    The parameters that come back name its method.

    Raises
    ------
    BundleError : the file cannot be read.
    MismatchError : the scene lacks bands that the model needs, or flags them as bad.
    ParameterError : the model holds no network, or several; another method, or a setting that the model decides, was chosen.
    """
    path = params.init_from
    if path is None:
        return params, None
    bundle = read_bundle(path)
    if any(member.architecture == ONNX_GRAPH.name for member in bundle.members):
        raise ParameterError(
            f"A training cannot start from an ONNX graph; '{path}' is one.",
            code="warm_start",
            hint="Choose the .hsimodel file that it was exported from.",
        )
    networks = [member for member in bundle.members if registry.get(member.architecture).fit is None]
    if len(networks) != 1:
        held = ", ".join(registry.get(member.architecture).title for member in bundle.members)
        raise ParameterError(
            f"A training can start from a model with exactly one network; '{path}' holds {held}.",
            code="warm_start",
            hint="Choose a model that was trained with one network, such as spectral_cnn or hybridsn.",
        )
    (member,) = networks
    if params.model not in ("auto", member.architecture):
        raise ParameterError(
            f"The model to start from is a {member.architecture}, but the method is {params.model!r}.",
            code="warm_start",
            hint=f"Set 'model' to {member.architecture}, or leave it out.",
        )
    whole = {"bands": params.bands is not None, "denoise": params.denoise, "denoiser": params.denoiser is not None}
    given = [*settings_of_one_method(params), *(name for name, is_given in whole.items() if is_given)]
    foreign = [name for name in given if name not in NETWORK_SETTINGS]
    if foreign:
        raise ParameterError(
            f"Parameter '{foreign[0]}' is decided by the model to start from.",
            code="warm_start",
            hint="Leave it out, or train without 'init_from'.",
        )
    try:
        indices = bundle.check_scene(scene)
    except MismatchError as error:
        raise MismatchError(
            f"A training on this scene cannot start from '{path}'. {error.message}", code="warm_start", hint=error.hint
        ) from error
    warm = WarmStart(
        path=path,
        bundle=bundle,
        member=member,
        usable=UsableBands(indices=indices, excluded=tuple(i for i in scene.bands.good_indices if i not in indices)),
        freeze_features=params.freeze_features,
    )
    return params.model_copy(update={"model": member.architecture}), warm


def recipes_from(params: TrainClassifierParams, warm: WarmStart, n_bands: int, second_bands: int = 0) -> list[Recipe]:
    """The baseline, and the network of the model: its architecture, options, view and patch."""
    # Settings that the model decides are not given; the others are those of its architecture.
    like = recipe_of(params, warm.member.architecture, n_bands, second_bands)
    wanted = replace(
        like,
        options=dict(warm.member.options),
        reduction=warm.branch.settings,
        patch_size=warm.member.patch_size,
    )
    return [default_recipe(params, BASELINE, n_bands), wanted]
