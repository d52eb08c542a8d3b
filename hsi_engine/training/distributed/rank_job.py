"""The training job of a rank, as JSON and a file of tensors: written by the process that starts it, read by the rank."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from ...classes.legend import Legend
from ...data.reduced_cube import ReducedCube
from ...pixels.samples import SampleSet
from ...reporting import Reporter
from ...runtime.device import ConcretePrecision
from ...runtime.ranks import join_ranks
from ..checkpoint import Checkpoint
from ..config import TrainingConfig
from ..initial_weights import new_network
from ..loop import TrainingData, train
from ..state import EpochRecord, TrainingState

_DATA, _WEIGHTS, _MEETING = "data.safetensors", "weights.safetensors", "meeting"
_INITIAL = "initial/"  # before the names of the first weights
_SIDES = ("train", "validation")
_ARRAYS = ("rows", "cols", "classes", "groups")


@dataclass(frozen=True, kw_only=True, eq=False)
class RankJob:
    """The training of one network by all ranks.

    Parameters
    ----------
    model, options, patch_size, seed : as :func:`hsi_engine.training.initial_weights.new_network` takes them.
    config : number of epochs resolved.
    precision : not ``auto``.
    devices : one per rank.
    checkpoint, resume : for the first rank.
    initial : the first weights; None: those of the seed.
    freeze_features : train the head alone.
    """

    model: str
    options: Mapping[str, Any]
    patch_size: int
    config: TrainingConfig
    precision: ConcretePrecision
    devices: tuple[torch.device, ...]
    checkpoint: Checkpoint | None
    resume: bool
    initial: Mapping[str, torch.Tensor] | None = None
    freeze_features: bool = False

    @property
    def world_size(self) -> int:
        return len(self.devices)


def write_job(folder: Path, job: RankJob, data: TrainingData) -> str:
    """Write the data of a job into an empty folder; returns the rest as one line of JSON, for :func:`run_job`."""
    cube = data.cube
    tensors = {"pages": cube.pages, "starts": cube.starts}
    for side in _SIDES:
        samples: SampleSet = getattr(data, side)
        tensors |= {f"{side}/{name}": torch.from_numpy(getattr(samples, name)) for name in _ARRAYS}
    tensors |= {f"{_INITIAL}{name}": tensor for name, tensor in (job.initial or {}).items()}
    save_file({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, folder / _DATA)
    checkpoint = job.checkpoint
    return json.dumps(
        {
            "folder": str(folder),
            "model": job.model,
            "options": dict(job.options),
            "patch_size": job.patch_size,
            "config": asdict(job.config),
            "precision": job.precision,
            "devices": [str(device) for device in job.devices],
            "checkpoint": None if checkpoint is None else [str(checkpoint.path), checkpoint.fingerprint],
            "resume": job.resume,
            "freeze_features": job.freeze_features,
            "legend": data.train.legend.to_json(),
            "cube": {name: getattr(cube, name) for name in ("shape", "patch_size", "margin_px", "page_bits")},
        }
    )


def run_job(line: str, rank: int, reporter: Reporter) -> dict[str, Any] | None:
    """Train as one of the ranks; the first one writes the weights and returns its state for :func:`read_outcome`.

    Raises
    ------
    HsiError : as :func:`hsi_engine.training.loop.train`.
    """
    job = json.loads(line)
    folder = Path(job["folder"])
    devices = [torch.device(name) for name in job["devices"]]
    fabric = join_ranks(rank, devices, _precision(job["precision"]), folder / _MEETING)
    data = _read_data(folder, job, fabric.device)
    config = TrainingConfig(**job["config"])
    network = new_network(
        job["model"],
        job["options"],
        n_components=data.cube.n_components,
        patch_size=job["patch_size"],
        n_classes=len(data.train.legend),
        seed=config.seed,
    )
    initial = _read_initial(folder)
    if initial:
        network.load_state_dict(initial)
    if job["freeze_features"]:
        network.freeze_features()
    checkpoint = None
    if job["checkpoint"] is not None and rank == 0:
        path, fingerprint = job["checkpoint"]
        checkpoint = Checkpoint(path=Path(path), fingerprint=fingerprint)
    state = train(network, data, config, fabric=fabric, reporter=reporter, checkpoint=checkpoint, resume=job["resume"])
    if rank != 0:
        return None
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, folder / _WEIGHTS)
    return {"history": [asdict(epoch) for epoch in state.history], "best_epoch": state.best_epoch}


def read_outcome(folder: Path, outcome: Mapping[str, Any]) -> tuple[TrainingState, dict[str, torch.Tensor]]:
    """State and best weights of a job whose first rank has returned ``outcome``."""
    history = [EpochRecord(**epoch) for epoch in outcome["history"]]
    return TrainingState(history=history, best_epoch=outcome["best_epoch"]), load_file(folder / _WEIGHTS)


def _read_data(folder: Path, job: Mapping[str, Any], device: torch.device) -> TrainingData:
    tensors = load_file(folder / _DATA)
    legend = Legend.from_json(job["legend"])
    train_samples, validation = (
        SampleSet(**{name: tensors[f"{side}/{name}"].numpy().astype(np.int64) for name in _ARRAYS}, legend=legend)
        for side in _SIDES
    )
    cube = ReducedCube(
        pages=tensors["pages"],
        starts=tensors["starts"],
        shape=tuple(job["cube"]["shape"]),
        patch_size=job["cube"]["patch_size"],
        margin_px=job["cube"]["margin_px"],
        page_bits=job["cube"]["page_bits"],
        device=torch.device("cpu"),
        in_file=False,
    )
    return TrainingData(cube=cube.to(device), train=train_samples, validation=validation)


def _read_initial(folder: Path) -> dict[str, torch.Tensor]:
    """The first weights; empty if the seed gives them."""
    with safe_open(folder / _DATA, "pt") as tensors:
        names = [name for name in tensors.keys() if name.startswith(_INITIAL)]  # noqa: SIM118 - it is no mapping
        return {name.removeprefix(_INITIAL): tensors.get_tensor(name) for name in names}


def _precision(name: str) -> ConcretePrecision:
    known: dict[str, ConcretePrecision] = {choice: choice for choice in get_args(ConcretePrecision)}
    return known[name]
