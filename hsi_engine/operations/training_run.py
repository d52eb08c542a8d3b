"""The steps of training one model: preprocess, collect samples, split, train, test, pack."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch

from ..band_selection import parse_band_selection
from ..bundle.model_bundle import ModelBundle
from ..data.reduced_cube import ReducedCube
from ..errors import Cancelled, ParameterError
from ..inference.at_pixels import logits_at
from ..io.outputs import sha256_of
from ..io.scene import SceneReader, find_usable_bands, open_scene
from ..metrics import accuracy_from_indices
from ..models import registry
from ..models.network import PatchNetwork
from ..preprocess.chain import Preprocessing, fit_preprocessing
from ..reporting import PhaseReporter, Reporter
from ..runtime.device import describe_device, make_fabric, resolve_device, resolve_precision
from ..runtime.seeds import child_seed
from ..runtime.versions import versions
from ..samples import SampleSet
from ..splits import Split
from ..training.checkpoint import Checkpoint
from ..training.config import TrainingConfig
from ..training.loop import TrainingData, train
from ..training.reduction import reduce_scene
from ..training.state import TrainingState
from .labelled_samples import collect_samples, read_training_labels, split_samples

if TYPE_CHECKING:
    from .train_classifier import TrainClassifierParams

# Share of the job before training; it only shapes the progress bar.
_PREPARED = 0.06

# What may change between a run and its resumption, or differ between two runs with the same weights.
_NO_SETTINGS = frozenset({"output", "report", "resume"})


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """A tested model, ready to be written, and the checkpoint that can then go."""

    bundle: ModelBundle
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True, eq=False)
class _Prepared:
    """What is known before training begins."""

    preprocessing: Preprocessing
    cube: ReducedCube
    samples: SampleSet
    split: Split
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
    inputs = _input_hashes(params)
    settings = params.model_dump(mode="json", exclude=set(_NO_SETTINGS))
    checkpoint = Checkpoint(
        path=params.output.with_name(params.output.name + ".checkpoint"),
        fingerprint=settings | {"inputs": list(inputs.values()), "torch": torch.__version__},
    )
    network = _new_network(params, len(prepared.samples.legend))
    cube = prepared.cube.to(device)
    state = _train(params, network, cube, prepared, device, checkpoint, PhaseReporter(reporter, _PREPARED, 0.98))
    reporter.progress(0.98, "Testing")
    metrics = {
        side: accuracy_from_indices(
            samples.classes,
            logits_at(network, cube, samples.rows, samples.cols, reporter.check_cancelled).argmax(1).numpy(),
            samples.legend,
        ).to_json()
        for side, samples in (
            ("validation", prepared.samples.take(prepared.split.validation)),
            ("test", prepared.samples.take(prepared.split.test)),
        )
        if len(samples)
    }
    if "test" not in metrics:
        reporter.log("The split leaves no test pixel: the accuracy of this model is not known.", "warning")
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
            "notes": prepared.notes,
            "history": [asdict(epoch) for epoch in state.history],
            "best_epoch": state.best_epoch,
            "seconds": time.perf_counter() - started,
        },
        metrics=metrics,
    )
    return TrainedModel(bundle=bundle, checkpoint=checkpoint)


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
    notes.add(*scene.warnings, warn=True)
    # Labels come before the pixels: most mistakes are found there, in a moment.
    labels = read_training_labels(params, scene.grid)
    notes.add(*labels.notes)
    exclude: tuple[int, ...] = ()
    if params.bands is not None:
        selected = set(parse_band_selection(params.bands, scene.bands))
        exclude = tuple(band for band in range(len(scene.bands)) if band not in selected)
    usable = find_usable_bands(reader, PhaseReporter(reporter, 0.0, 0.1), exclude=exclude)
    notes.add(usable.describe(scene))
    preprocessing = fit_preprocessing(
        reader,
        usable,
        n_components=params.components,
        whiten=params.whiten,
        reporter=PhaseReporter(reporter, 0.1, 0.5),
    )
    cube, valid = reduce_scene(
        reader,
        preprocessing,
        usable.indices,
        patch_size=params.patch_size,
        reporter=PhaseReporter(reporter, 0.5, 0.9),
    )
    samples, left_out = collect_samples(params, labels, valid)
    notes.add(*left_out, warn=True)
    split = split_samples(params, samples, scene.grid)
    notes.add(*split.notes)
    return _Prepared(preprocessing=preprocessing, cube=cube, samples=samples, split=split, notes=notes.texts)


class _Notes:
    """Sentences that the user reads now and the report keeps."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.texts: list[str] = []

    def add(self, *texts: str, warn: bool = False) -> None:
        for text in texts:
            self._reporter.log(text, "warning" if warn else "info")
            self.texts.append(text)


def _train(
    params: TrainClassifierParams,
    network: PatchNetwork,
    cube: ReducedCube,
    prepared: _Prepared,
    device: torch.device,
    checkpoint: Checkpoint,
    reporter: Reporter,
) -> TrainingState:
    data = TrainingData(
        cube=cube,
        train=prepared.samples.take(prepared.split.train),
        validation=prepared.samples.take(prepared.split.validation),
    )
    config = TrainingConfig(
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
    if params.resume and not checkpoint.exists():
        reporter.log(f"There is no checkpoint {checkpoint.path} to resume from: training from the start.", "warning")
    try:
        return train(
            network,
            data,
            config,
            fabric=make_fabric(device, params.precision),
            reporter=reporter,
            checkpoint=checkpoint,
            resume=params.resume,
        )
    except Cancelled:
        if checkpoint.exists():
            raise Cancelled(
                f"Cancelled; no output was written. The finished epochs are kept in {checkpoint.path.name}:"
                " run the same command with resume to go on, or delete that file."
            ) from None
        raise


def _network_options(params: TrainClassifierParams) -> dict[str, Any]:
    return {
        "batch_norm": params.batch_norm,
        "squeeze_excitation": params.squeeze_excitation,
        "dropout": params.dropout,
    }


def _new_network(params: TrainClassifierParams, n_classes: int) -> PatchNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(child_seed(params.seed, "weights"))
        return registry.build(params.model, _network_options(params), params.components, params.patch_size, n_classes)


def _input_hashes(params: TrainClassifierParams) -> dict[str, str]:
    """SHA-256 of every input file by its name in the parameters."""
    named = {
        "scene": params.scene,
        "labels": params.labels,
        "legend": params.legend,
        "split_source": params.split_source,
    }
    return {name: sha256_of(path) for name, path in named.items() if path is not None}
