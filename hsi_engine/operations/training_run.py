"""The steps of training one model: preprocess, collect samples, split, train, test, pack."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from ..bundle.model_bundle import ModelBundle
from ..data.reduced_cube import ReducedCube
from ..errors import ParameterError
from ..grid import Grid
from ..inference.at_pixels import logits_at
from ..io.outputs import sha256_of
from ..io.scene import SceneReader, open_scene
from ..metrics import accuracy_from_indices
from ..models.network import PatchNetwork
from ..preprocess.chain import Preprocessing
from ..reporting import PhaseReporter, Reporter
from ..runtime.device import Device, describe_device, make_fabric, resolve_device, resolve_precision
from ..runtime.versions import versions
from ..samples import IndexArray, SampleSet
from ..splitting.split import Split
from ..training.checkpoint import Checkpoint
from ..training.config import TrainingConfig
from ..training.initial_weights import new_network
from ..training.loop import TrainingData, train
from ..training.reduction import check_patch_fits, reduce_scene
from ..training.state import TrainingState
from .labelled_samples import collect_samples, comparison_split, read_training_labels, split_samples
from .scene_preprocessing import fit_to_scene
from .training_params import TrainClassifierParams

# Share of the job before training; it only shapes the progress bar.
_PREPARED = 0.06


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """A tested model, ready to be written, the checkpoint that can then go, and the samples on ``grid`` by its split."""

    bundle: ModelBundle
    checkpoint: Checkpoint
    grid: Grid
    samples: SampleSet
    split: Split


@dataclass(frozen=True, kw_only=True, eq=False)
class _Prepared:
    """What is known before training begins."""

    grid: Grid
    preprocessing: Preprocessing
    cube: ReducedCube
    samples: SampleSet
    split: Split
    comparison: Split | None
    notes: list[str]


def train_model(params: TrainClassifierParams, reporter: Reporter) -> TrainedModel:
    """Do everything but write the outputs.

    Raises
    ------
    HsiError : of the family of whatever is wrong: parameters, scene, labels, device, training.
    """
    started = time.perf_counter()
    device = resolve_device(params.device)
    _check_settings(params)
    with open_scene(params.scene) as reader:
        prepared = _prepare(params, reader, PhaseReporter(reporter, 0.0, _PREPARED))
    inputs = {name: sha256_of(path) for name, path in params.inputs().items()}
    settings = params.settings()
    checkpoint = Checkpoint(
        path=params.output.with_name(params.output.name + ".checkpoint"),
        fingerprint=settings | {"inputs": list(inputs.values()), "torch": versions()["torch"]},
    )
    trainer = _Trainer(params, prepared.samples, prepared.cube.to(device), device)
    middle = 1.0 if prepared.comparison is None else (1.0 + _PREPARED) / 2
    phase = PhaseReporter(reporter, _PREPARED, middle)
    network, state = trainer.fit(prepared.split, phase, checkpoint)
    metrics = {
        side: accuracy
        for side, indices in (("validation", prepared.split.validation), ("test", prepared.split.test))
        if (accuracy := trainer.assess(network, indices, phase)) is not None
    }
    if "test" not in metrics:
        reporter.log("The split leaves no test pixel: the accuracy of this model is not known.", "warning")
    comparison = trainer.compare(prepared.comparison, PhaseReporter(reporter, middle, 1.0))
    bundle = ModelBundle(
        architecture=params.model,
        options=_network_options(params),
        weights={name: tensor.detach().cpu() for name, tensor in network.state_dict().items()},
        preprocessing=prepared.preprocessing,
        legend=prepared.samples.legend,
        patch_size=params.patch_size,
        padding="zero",
        training={
            "settings": settings,
            "precision": resolve_precision(params.precision, device),
            "device": describe_device(device),
            "versions": versions(),
            "inputs": inputs,
            "split": prepared.split.to_json(),
            "comparison": comparison,
            "notes": prepared.notes,
            "history": [asdict(epoch) for epoch in state.history],
            "best_epoch": state.best_epoch,
            "seconds": time.perf_counter() - started,
        },
        metrics=metrics,
    )
    return TrainedModel(
        bundle=bundle,
        checkpoint=checkpoint,
        grid=prepared.grid,
        samples=prepared.samples,
        split=prepared.split,
    )


def _check_settings(params: TrainClassifierParams) -> None:
    """Refuse before any pixel is read what would fail after minutes."""
    _new_network(params, n_classes=2)
    if params.patience is not None and params.validation_share == 0 and params.split_source is None:
        raise ParameterError(
            "Parameter 'patience' (Patience) needs validation pixels to judge by, but the validation share is 0.",
            code="patience_without_validation",
            hint="Set a validation share, such as 0.05, or leave patience out.",
        )


def _prepare(params: TrainClassifierParams, reader: SceneReader, reporter: Reporter) -> _Prepared:
    scene = reader.scene
    notes = _Notes(reporter)
    notes.add(*scene.warnings, *check_patch_fits(params.patch_size, scene.grid.shape), warn=True)
    # Labels come before the pixels: most mistakes are found there, in a moment.
    labels = read_training_labels(params, scene.grid)
    notes.add(*labels.notes)
    usable, preprocessing = fit_to_scene(
        reader,
        params.bands,
        n_components=params.components,
        whiten=params.whiten,
        reporter=PhaseReporter(reporter, 0.0, 0.5),
    )
    notes.add(usable.describe(scene))
    cube, valid = reduce_scene(
        reader,
        preprocessing,
        usable.indices,
        labels.pixels,
        patch_size=params.patch_size,
        folder=params.output.parent,
        reporter=PhaseReporter(reporter, 0.5, 0.9),
    )
    samples, left_out = collect_samples(params, labels, valid)
    notes.add(*left_out, warn=True)
    split = split_samples(params, samples, scene.grid)
    notes.add(*split.notes)
    return _Prepared(
        grid=scene.grid,
        preprocessing=preprocessing,
        cube=cube,
        samples=samples,
        split=split,
        comparison=comparison_split(params, samples),
        notes=notes.texts,
    )


class _Notes:
    """Sentences that the user reads now and the report keeps."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.texts: list[str] = []

    def add(self, *texts: str, warn: bool = False) -> None:
        for text in texts:
            self._reporter.log(text, "warning" if warn else "info")
            self.texts.append(text)


class _Trainer:
    """Trains and assesses networks on the samples of one scene; each split is a new network."""

    def __init__(self, params: TrainClassifierParams, samples: SampleSet, cube: ReducedCube, device: Device) -> None:
        self._params = params
        self._samples = samples
        self._cube = cube
        self._device = device
        self._config = TrainingConfig(
            epochs=params.epochs,
            batch_size=params.batch_size,
            learning_rate=params.learning_rate,
            schedule=params.schedule,
            weight_decay=params.weight_decay,
            label_smoothing=params.label_smoothing,
            class_weights=params.class_weights,
            augment=params.augment,
            patience=params.patience,
            seed=params.seed,
        )

    def fit(
        self, split: Split, reporter: Reporter, checkpoint: Checkpoint | None
    ) -> tuple[PatchNetwork, TrainingState]:
        network = _new_network(self._params, len(self._samples.legend))
        if checkpoint is not None and self._params.resume and not checkpoint.exists():
            reporter.log(f"There is no checkpoint {checkpoint.path}: training from the start.", "warning")
        state = train(
            network,
            TrainingData(
                cube=self._cube,
                train=self._samples.take(split.train),
                validation=self._samples.take(split.validation),
            ),
            self._config,
            fabric=make_fabric(self._device, self._params.precision),
            reporter=reporter,
            checkpoint=checkpoint,
            resume=self._params.resume,
        )
        return network, state

    def assess(self, network: PatchNetwork, indices: IndexArray, reporter: Reporter) -> dict[str, Any] | None:
        """Accuracy on the samples at ``indices`` as JSON; None where there are none."""
        if not len(indices):
            return None
        reporter.progress(1.0, f"Assessing on {len(indices):,} pixels")
        samples = self._samples.take(indices)
        logits = logits_at(network, self._cube, samples.rows, samples.cols, reporter.check_cancelled)
        return accuracy_from_indices(samples.classes, logits.argmax(1).numpy(), samples.legend).to_json()

    def compare(self, split: Split | None, reporter: Reporter) -> dict[str, Any] | None:
        """Split and test accuracy of a second network that is not kept."""
        if split is None:
            return None
        reporter.log(f"Training once more with the split '{split.strategy}', for its accuracy.")
        network, _ = self.fit(split, reporter, checkpoint=None)
        return {"split": split.to_json(), "test": self.assess(network, split.test, reporter)}


def _network_options(params: TrainClassifierParams) -> dict[str, Any]:
    return {
        "batch_norm": params.batch_norm,
        "squeeze_excitation": params.squeeze_excitation,
        "dropout": params.dropout,
    }


def _new_network(params: TrainClassifierParams, n_classes: int) -> PatchNetwork:
    return new_network(
        params.model,
        _network_options(params),
        n_components=params.components,
        patch_size=params.patch_size,
        n_classes=n_classes,
        seed=params.seed,
    )
