"""Fitting one recipe to samples: by gradient descent or with scikit-learn, with the same outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..data.reduced_cube import ReducedCube
from ..errors import TrainingError
from ..evaluation.calibration import softmax
from ..inference.at_pixels import logits_at
from ..models import registry
from ..models.networks.patch_network import PatchNetwork
from ..phrases import counted, in_sentence
from ..pixels.samples import IndexArray, SampleSet
from ..reporting import Reporter
from ..runtime.device import Device, Precision, make_fabric, resolve_precision
from .checkpoint import Checkpoint
from .config import resolved
from .cubes import Cubes
from .distributed.processes import train_in_processes
from .distributed.rank_job import RankJob
from .estimators import SpectrumSamples
from .initial_weights import begin_with, new_network
from .loop import TrainingData, train
from .recipe import Recipe
from .state import TrainingState


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedRecipe:
    """A trained classifier.

    Parameters
    ----------
    recipe : what was trained.
    options : options of the architecture, with what the fit found out.
    network : in eval mode, on the device that trained it.
    state : history of the epochs; None for an estimator.
    world_size : processes that trained it together.
    """

    recipe: Recipe
    options: dict[str, Any]
    network: PatchNetwork
    state: TrainingState | None
    world_size: int = 1

    @torch.inference_mode()
    def scores_at(self, cube: ReducedCube, samples: SampleSet, reporter: Reporter) -> npt.NDArray[np.float32]:
        """Scores (n, classes) of samples; their softmax are the probabilities.

        Raises
        ------
        TrainingError : scores that are no finite numbers.
        """
        if not len(samples):
            return np.empty((0, len(samples.legend)), np.float32)
        logits = logits_at(self.network, cube, samples.rows, samples.cols, reporter.check_cancelled)
        scores: npt.NDArray[np.float32] = logits.numpy()
        lost = int((~np.isfinite(scores)).any(axis=1).sum())
        if lost:
            raise TrainingError(
                f"The trained model {self.recipe.model} gives scores that are not finite numbers for {lost:,} of"
                f" {counted(len(samples), 'pixel')}.",
                code="diverged",
                hint="Lower the learning rate, or train again without Resume if the training continued from a checkpoint.",
            )
        return scores


@dataclass(frozen=True, kw_only=True, eq=False)
class Fitter:
    """Fits recipes on a device.

    Parameters
    ----------
    device, precision : that networks are trained on and with.
    n_classes : classes of the legend.
    rank_devices : one per process that trains a network, the first is ``device``; empty: this process alone.
    """

    device: Device
    precision: Precision
    n_classes: int
    rank_devices: tuple[Device, ...] = ()

    def fit(
        self,
        recipe: Recipe,
        cube: ReducedCube,
        samples: SampleSet,
        *,
        units: IndexArray,
        reporter: Reporter,
        validation: SampleSet | None = None,
        checkpoint: Checkpoint | None = None,
        resume: bool = False,
    ) -> FittedRecipe:
        """Fit ``recipe`` to ``samples``.

        Parameters
        ----------
        cube : of the recipe's reduction, handing out its patches, on the device.
        units : block or polygon of each sample, (n,); what tunes itself keeps them together.
        validation : chooses the best epoch of a network; not used by estimators.
        checkpoint, resume : of the training of a network.

        Raises
        ------
        ParameterError : the network cannot be built for these components, or this patch.
        TrainingError : it diverges, or does not converge.
        """
        if recipe.is_network:
            return self._train(recipe, cube, samples, validation, reporter, checkpoint, resume)
        return self._estimate(recipe, cube, samples, units, reporter)

    def _train(
        self,
        recipe: Recipe,
        cube: ReducedCube,
        samples: SampleSet,
        validation: SampleSet | None,
        reporter: Reporter,
        checkpoint: Checkpoint | None,
        resume: bool,
    ) -> FittedRecipe:
        options = registry.parse_options(recipe.model, dict(recipe.options)).model_dump()
        network = new_network(
            recipe.model,
            options,
            n_components=cube.n_components,
            patch_size=recipe.patch_size,
            n_classes=self.n_classes,
            seed=recipe.training.seed,
        )
        if recipe.start is not None:
            begin_with(network, recipe.start, model=recipe.model, options=options, n_components=cube.n_components)
        data = TrainingData(cube=cube, train=samples, validation=validation or samples.take(np.empty(0, np.int64)))
        config = resolved(recipe.training, len(samples))
        if len(self.rank_devices) > 1 and cube.in_file:
            reporter.log(
                "The components lie in a temporary file: one process trains this network, not several.", "warning"
            )
        elif len(self.rank_devices) > 1 and network.couples_batch:
            reporter.log(
                f"{registry.get(recipe.model).title} compares all pixels of a batch: one process trains it, not several.",
                "warning",
            )
        elif len(self.rank_devices) > 1:
            job = RankJob(
                model=recipe.model,
                options=options,
                patch_size=recipe.patch_size,
                config=config,
                precision=resolve_precision(self.precision, self.device),
                devices=self.rank_devices,
                checkpoint=checkpoint,
                resume=resume,
                initial=None if recipe.start is None else network.state_dict(),
                freeze_features=network.features_frozen,
            )
            state, weights = train_in_processes(job, data, reporter)
            network.load_state_dict(weights)
            network.eval().to(self.device)
            return FittedRecipe(recipe=recipe, options=options, network=network, state=state, world_size=job.world_size)
        state = train(
            network,
            data,
            config,
            fabric=make_fabric(self.device, self.precision),
            reporter=reporter,
            checkpoint=checkpoint,
            resume=resume,
        )
        return FittedRecipe(recipe=recipe, options=options, network=network, state=state)

    def _estimate(
        self, recipe: Recipe, cube: ReducedCube, samples: SampleSet, units: IndexArray, reporter: Reporter
    ) -> FittedRecipe:
        architecture = registry.get(recipe.model)
        reporter.check_cancelled()
        reporter.progress(0.0, f"Fitting {in_sentence(recipe.title)}")
        rows, cols = (torch.from_numpy(at) for at in (samples.rows, samples.cols))
        learn = SpectrumSamples(
            spectra=cube.spectra(rows, cols).cpu().numpy(),
            classes=samples.classes,
            units=units,
            n_classes=self.n_classes,
            seed=recipe.training.seed,
        )
        wanted = registry.parse_options(recipe.model, dict(recipe.options))
        options, state_dict = registry.load(architecture.fit or "")(learn, wanted)
        network = registry.build(recipe.model, options, cube.n_components, recipe.patch_size, self.n_classes)
        network.load_state_dict(state_dict)
        reporter.check_cancelled()
        return FittedRecipe(recipe=recipe, options=options, network=network.eval().to(self.device), state=None)


def on_cpu(fitted: FittedRecipe) -> FittedRecipe:
    """The same with its network in the memory of the computer, so that many can be kept while another one trains."""
    return replace(fitted, network=fitted.network.cpu())


def mean_probabilities(
    fitted: Sequence[FittedRecipe],
    temperatures: Sequence[float],
    cubes: Cubes,
    samples: SampleSet,
    reporter: Reporter,
) -> npt.NDArray[np.float64]:
    """Mean of the probabilities of classifiers at samples, float64 (n, classes); scores are divided by temperatures."""
    total = np.zeros((len(samples), len(samples.legend)))
    for one, temperature in zip(fitted, temperatures, strict=True):
        cube = cubes.of(one.recipe.reduction, one.recipe.patch_size)
        total += softmax(one.scores_at(cube, samples, reporter), temperature)
    return total / len(fitted)
