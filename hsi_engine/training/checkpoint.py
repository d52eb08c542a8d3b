"""A file from which a killed training run resumes and reaches the same weights as if it had not been killed.

One safetensors file: weights, the optimizer's moments and the best weights so far as tensors, history
and fingerprint as JSON in its metadata. Random numbers need no place in it, since every epoch seeds its
own (:mod:`hsi_engine.runtime.seeds`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ..errors import OutputError, TrainingError
from ..foreign.json_text import parse_json
from ..foreign.text import shown
from ..io.files.temporary_files import temporary_beside
from ..phrases import writing_hint
from .state import EpochRecord, TrainingState

_HISTORY = TypeAdapter(list[EpochRecord])
_NETWORK, _BEST, _OPTIMIZER = "network/", "best/", "optimizer/"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The checkpoint file of one run.

    Parameters
    ----------
    path : the file; it is replaced by rename after each epoch.
    fingerprint : settings and inputs by name; a run resumes only from a checkpoint with the same ones.
    """

    path: Path
    fingerprint: dict[str, Any]

    @property
    def kept_message(self) -> str:
        """The message of a cancelled run once the file exists."""
        return f"Cancelled; no output was written. {self.kept_epochs}"

    @property
    def kept_epochs(self) -> str:
        """What a run leaves that ends early once the file exists."""
        return (
            f"The finished epochs are kept in {self.path.name}:"
            " run it again with Resume to continue, or delete that file."
        )

    def exists(self) -> bool:
        return self.path.is_file()

    def is_of_this_run(self) -> bool:
        """Whether the file exists, can be read and has the same settings and inputs, so that this run would resume from it."""
        if not self.exists():
            return False
        try:
            with safe_open(self.path, framework="pt") as file:
                self._require_same_run(parse_json(file.metadata()["record"])["fingerprint"])
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, TrainingError):
            return False
        return True

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def save(self, network: nn.Module, optimizer: torch.optim.Optimizer, state: TrainingState) -> None:
        """Write the state after an epoch.

        Raises
        ------
        OutputError : it cannot be written, for example because the disk is full; an older one stays.
        """
        tensors = {_NETWORK + k: v for k, v in network.state_dict().items()}
        tensors |= {_BEST + k: v for k, v in (state.best_weights or {}).items()}
        for parameter, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"{_OPTIMIZER}{parameter}/{name}": moment for name, moment in moments.items()}
        record = {
            "fingerprint": self.fingerprint,
            "history": [asdict(epoch) for epoch in state.history],
            "best_epoch": state.best_epoch,
        }
        contiguous = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
        try:
            with temporary_beside(self.path) as partial:
                # Not save_file: a kill would leave the hidden file behind that it writes first.
                partial.write_bytes(save(contiguous, metadata={"record": json.dumps(record)}))
                partial.replace(self.path)
        except (SafetensorError, OSError) as error:
            raise OutputError(
                f"The checkpoint {self.path} cannot be written: {error}.",
                code="write_failed",
                hint=writing_hint(error, "Free some disk space, or choose another folder for the model."),
            ) from error

    def load(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> TrainingState:
        """Restore network and optimizer from the checkpoint.

        Raises
        ------
        TrainingError : the file is damaged, or belongs to a run with other settings or inputs.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                record = parse_json(file.metadata()["record"])
                self._require_same_run(record["fingerprint"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
            # All of it is looked at before anything is changed.
            state = _state_of(record, _with_prefix(tensors, _BEST), network)
            moments = _moments_of(_with_prefix(tensors, _OPTIMIZER), optimizer)
            network.load_state_dict(_with_prefix(tensors, _NETWORK))
            optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})
            return state
        except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
            problem = f"it has no {error}" if isinstance(error, KeyError) else error
            raise TrainingError(
                f"The checkpoint {self.path} cannot be read: {problem}",
                code="checkpoint_damaged",
                hint="Delete it, or train from the start without Resume.",
            ) from error

    def _require_same_run(self, found: Any) -> None:
        if not isinstance(found, dict):
            raise TypeError("its record of settings and inputs is not one")
        expected = json.loads(json.dumps(self.fingerprint))
        names = sorted(k for k in expected.keys() | found.keys() if expected.get(k) != found.get(k))
        if names:
            changes = "; ".join(f"{k} was {found.get(k)!r} and is {expected.get(k)!r}" for k in names)
            raise TrainingError(
                f"The checkpoint {self.path} belongs to another run: {changes}.",
                code="checkpoint_mismatch",
                hint="Use the same settings and inputs, or train from the start without Resume.",
            )


def _state_of(record: dict[str, Any], best: dict[str, Tensor], network: nn.Module) -> TrainingState:
    """The state without the network and the optimizer. ValueError if it is not that of a run."""
    try:
        history = _HISTORY.validate_json(json.dumps(record["history"]), strict=True)
    except ValidationError as error:
        raise ValueError(f"its history of epochs is not one: {shown(error.errors()[0]['msg'])}") from error
    best_epoch = record["best_epoch"]
    if [entry.epoch for entry in history] != list(range(1, len(history) + 1)):
        raise ValueError("the epochs of its history are not 1, 2, …")
    if type(best_epoch) is not int or not 0 <= best_epoch <= len(history):
        raise ValueError(f"its best epoch is not one of its {len(history)} epochs")
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    if best and {name: tensor.shape for name, tensor in best.items()} != shapes:
        raise ValueError("its best weights are not those of the network")
    return TrainingState(history=history, best_epoch=best_epoch, best_weights=best or None)


def _moments_of(tensors: dict[str, Tensor], optimizer: torch.optim.Optimizer) -> dict[int, dict[str, Tensor]]:
    """What the optimizer knows of each parameter by its number. ValueError if something is missing."""
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        parameter, _, moment = name.partition("/")
        moments.setdefault(int(parameter), {})[moment] = tensor
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    # A parameter that no batch has used yet has none.
    for number, known in moments.items():
        shape = parameters[number].shape if 0 <= number < len(parameters) else None
        expected = {"step": torch.Size([]), "exp_avg": shape, "exp_avg_sq": shape}
        if {name: tensor.shape for name, tensor in known.items()} != expected:
            raise ValueError(f"the state of its optimizer for parameter {number} is not complete")
    return moments


def _with_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
