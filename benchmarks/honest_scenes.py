"""The scenes of :mod:`benchmarks.honest`: where they are, what is trained on them, and how the test is kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.demo.indian_pines import write_indian_pines
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.operations.train_classifier.parameters import TrainClassifierParams
from hsi_engine.operations.train_classifier.preparation import GUIDE, Prepared, prepare
from hsi_engine.operations.train_classifier.recipes import candidate_recipes, n_folds
from hsi_engine.operations.train_classifier.samples import split_samples
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.reporting import SilentReporter
from hsi_engine.runtime.device import Device, resolve_device
from hsi_engine.splitting.fold_layout import number_blocks
from hsi_engine.splitting.split import Split
from hsi_engine.splitting.strategies import given_split, random_split
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.cubes import Cubes
from hsi_engine.training.recipe import Recipe

DATA = Path(__file__).parents[2] / "shared" / "data"
BUILD = Path(__file__).parents[1] / "build" / "benchmarks"

CLASSICAL = ("logistic_regression", "lda", "svm", "random_forest")
STANDARD = (*CLASSICAL, "svm_mnf", *(f"spectral_cnn_{edge}" for edge in ("1px", "3px", "5px", "5px_mnf")))

# The network of the paper and the view it has of the scene: Roy et al. (2020).
_PAPER = {
    "model": "hybridsn",
    "reduction": "pca",
    "components": 30,
    "whiten": 1.0,
    "patch_size": 25,
    "batch_norm": False,
    "squeeze_excitation": False,
    "dropout": 0.4,
}
# Trained as benchmarks.reference does, Adam in batches of 32 for 100 epochs, with steps in the rate. All else is off.
_PAPER_TRAINING = TrainingConfig(epochs=100, batch_size=32, learning_rate=1e-3, schedule="step", augment=False)
# Candidates that the standard effort does not compare; each is prepared separately.
OTHERS: dict[str, dict[str, Any]] = {"hybridsn": {"model": "hybridsn"}, "hybridsn_plain_paper": _PAPER}

Effort = Literal["quick", "standard"]


@dataclass(frozen=True, kw_only=True)
class Files:
    """Scene and labels, and a given split if there is one."""

    scene: Path
    labels: Path
    class_field: str
    split_source: Path | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Method:
    """A candidate: its recipe, and the reduced cubes that it sees."""

    name: str
    recipe: Recipe
    cubes: Cubes


class Place:
    """A scene with its labels, read when it is first asked for.

    Parameters
    ----------
    find : gives the files.
    unit_px : edge of the blocks that a bootstrap draws, where no folds say it.
    device : that trains and predicts.
    at_random : pixels are drawn at random for the test; networks are then trained without surround dropout.
    """

    def __init__(
        self, find: Callable[[], Files], *, unit_px: int, device: Device | None = None, at_random: bool = False
    ) -> None:
        self._find = find
        self._protocol = {"split": "random"} if at_random else {}
        self.unit_px = unit_px
        self.device = device or resolve_device("cpu")
        self._cubes: dict[str, Cubes] = {}
        self._prepared: dict[str, Prepared] = {}

    @cached_property
    def files(self) -> Files:
        return self._find()

    def params(self, **settings: Any) -> TrainClassifierParams:
        """The parameters of a training here; nothing is written."""
        BUILD.mkdir(parents=True, exist_ok=True)
        return TrainClassifierParams(
            **{**vars(self.files), "output": BUILD / "unwritten.hsimodel"} | self._protocol | settings
        )

    def prepared(self, name: str = "standard") -> Prepared:
        """Labels, and cubes for the candidates of the standard effort or for one of ``OTHERS``."""
        if name not in self._prepared:
            params = self.params(**OTHERS.get(name, {}), split_source=None)
            with open_scene(params.scene) as reader:
                self._prepared[name] = prepare(params, reader, SilentReporter())
        return self._prepared[name]

    def cubes(self, name: str = "standard") -> Cubes:
        """Those of :meth:`prepared`, on the device."""
        if name not in self._cubes:
            self._cubes[name] = self.prepared(name).cubes.to(self.device)
        return self._cubes[name]

    @property
    def samples(self) -> SampleSet:
        return self.prepared().samples

    @property
    def can_smooth(self) -> bool:
        return self.prepared().can_smooth

    @property
    def guide(self) -> ReducedCube:
        """The cube that guides smoothing."""
        cubes = self.cubes()
        return cubes.by_branch[cubes.branch_of(GUIDE)]

    @cached_property
    def units(self) -> npt.NDArray[np.int64]:
        """Number of the block of each sample."""
        return number_blocks(self.samples, self.unit_px)

    def method(self, name: str) -> Method:
        """A candidate by name."""
        if name in OTHERS:
            prepared = self.prepared(name)
            assert prepared.samples == self.samples
            recipe = prepared.recipes[-1]
            if OTHERS[name] is _PAPER:
                recipe = replace(recipe, training=_PAPER_TRAINING)
            return Method(name=name, recipe=recipe, cubes=self.cubes(name))
        recipe = next(recipe for recipe in self.prepared().recipes if recipe.name == name)
        return Method(name=name, recipe=recipe, cubes=self.cubes())

    def compared(self, effort: Effort) -> tuple[tuple[str, ...], int]:
        """Names of what the automatic choice compares with an effort, and on how many folds."""
        params = self.params(effort=effort)
        bands = len(self.prepared().cubes.preprocessing.band_indices)
        return tuple(recipe.name for recipe in candidate_recipes(params, bands)), n_folds(params)


Splitter = Callable[[Place, int], Split]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A place, a way to keep the test apart, and what is trained.

    Parameters
    ----------
    split : makes the split of a seed; None: every pixel that folds of blocks can test is tested.
    protocol : how, as text; it is part of the key of a result.
    candidates : seeds of each.
    effort, auto_seeds : of the automatic choice.
    among : what is compared, if it is not what the effort implies.
    """

    name: str
    place: Place
    split: Splitter | None
    protocol: str
    candidates: Mapping[str, tuple[int, ...]]
    effort: Effort
    auto_seeds: tuple[int, ...]
    among: tuple[str, ...] | None = None

    @property
    def compared(self) -> tuple[tuple[str, ...], int]:
        names, folds = self.place.compared(self.effort)
        return self.among or names, folds


def split_given(place: Place, seed: int) -> Split:
    """The split that came with the labels."""
    params = place.params(seed=seed)
    split = split_samples(params, place.samples, place.prepared().grid, radius=0)
    assert split is not None
    return split


def split_fixed(place: Place, seed: int) -> Split:
    """The published split of Indian Pines: 1 training, 3 test."""
    side = np.load(DATA / "indian_pines_fixed_split.npy")[place.samples.rows, place.samples.cols]
    return given_split(place.samples, side, radius=0)


def split_randomly(share: float) -> Splitter:
    """Single pixels, so many of each class for training."""
    return lambda place, seed: random_split(place.samples, radius=0, train_share=share, seed=seed)


def enmap_files() -> Files:
    folder = DATA / "enmap_potsdam"
    return Files(
        scene=folder / "scene.tif",
        labels=folder / "polygons.gpkg",
        class_field="class_name",
        split_source=folder / "split.tif",
    )


def indian_pines_files() -> Files:
    found = write_indian_pines(BUILD / "indian_pines")
    return Files(scene=found.scene, labels=found.labels, class_field="class_id")


def all_scenes(device: Device | None = None) -> tuple[Scene, ...]:
    """What is measured, in the order of the page."""
    # Two tiles of 32 pixels are tested on EnMAP: blocks of 8 give the bootstrap something to draw from.
    potsdam = Place(enmap_files, unit_px=8, device=device)
    # The edge that the engine chooses for folds here.
    pines = Place(indian_pines_files, unit_px=24, device=device)
    at_random = Place(indian_pines_files, unit_px=24, device=device, at_random=True)
    three, five = (0, 1, 2), (0, 1, 2, 3, 4)
    every = dict.fromkeys((*STANDARD, "hybridsn"), three)
    scenes = [
        Scene(
            name="enmap_given_split",
            place=potsdam,
            split=split_given,
            protocol="given split",
            candidates=every,
            effort="standard",
            auto_seeds=three,
        ),
        Scene(
            name="indian_pines_blocks",
            place=pines,
            split=None,
            protocol="5 folds of blocks",
            candidates=every,
            effort="standard",
            auto_seeds=three,
        ),
        Scene(
            name="indian_pines_fixed_split",
            place=pines,
            split=split_fixed,
            protocol="published split",
            candidates=every,
            effort="standard",
            auto_seeds=(0,),
        ),
    ]
    for percent in (5, 10, 30):
        # One seed: a training of it takes as long as twenty of the others.
        paper = {"hybridsn_plain_paper": (0,)} if percent == 10 else {}
        scenes.append(
            Scene(
                name=f"indian_pines_random_{percent}",
                place=at_random,
                split=split_randomly(percent / 100),
                protocol=f"random, {percent} % for training",
                candidates={**dict.fromkeys(STANDARD, three), "hybridsn": five, **paper},
                effort="quick",
                auto_seeds=(0,),
            )
        )
    return tuple(scenes)
