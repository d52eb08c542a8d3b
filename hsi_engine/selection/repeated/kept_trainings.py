"""What finished trainings have predicted, kept in a folder until the comparison is written.

One safetensors file per training: the predicted classes as a tensor, times and sizes as JSON in its metadata. Its name ends
with the hash of all that decides the outcome, so that a file of other settings or inputs is never read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ...errors import OutputError
from ...foreign.json_text import parse_json
from ...io.files.temporary_files import temporary_beside
from ...phrases import writing_hint
from ...pixels.samples import IndexArray

_SUFFIX = ".safetensors"


@dataclass(frozen=True, kw_only=True, eq=False)
class FinishedTraining:
    """What one training came to.

    Parameters
    ----------
    predicted : class index of each sample that its round tests, (test,), int64.
    train_seconds, predict_seconds : wall-clock time.
    parameters, size_bytes : numbers that the model holds, and their size.
    """

    predicted: IndexArray
    train_seconds: float
    predict_seconds: float
    parameters: int
    size_bytes: int


class KeptTrainings:
    """The folder of finished trainings next to the results.

    Parameters
    ----------
    results : the file that is written in the end; the folder has its name with ``.parts``.
    """

    def __init__(self, results: Path) -> None:
        self.folder = results.with_name(f"{results.name}.parts")

    @property
    def kept_message(self) -> str:
        """The message of a cancelled run once something is kept."""
        return (
            f"Cancelled; no output was written. The finished trainings are kept in {self.folder.name}:"
            " run the same again to continue, or delete that folder."
        )

    def path(self, label: str, seed: int, fold: int, fingerprint: Mapping[str, Any]) -> Path:
        """The file of a training; ``fingerprint`` is all that decides its outcome, as JSON values."""
        digest = hashlib.sha256(json.dumps(fingerprint, sort_keys=True).encode()).hexdigest()
        name = re.sub(r"\W+", "_", label).strip("_")[:40]
        return self.folder / f"{name}-seed{seed}-fold{fold + 1}-{digest[:24]}{_SUFFIX}"

    def files(self) -> set[Path]:
        """All finished trainings in the folder, whatever they belong to."""
        return {path for path in self.folder.glob(f"*{_SUFFIX}") if not path.name.startswith(".")}

    def load(self, path: Path, tested: int, classes: int) -> FinishedTraining | None:
        """The training in ``path``; None if there is none, or it is damaged."""
        try:
            with safe_open(path, framework="numpy") as file:
                predicted = np.asarray(file.get_tensor("predicted"), dtype=np.int64)
                record = parse_json(file.metadata()["record"])
            found = FinishedTraining(predicted=predicted, **record)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return None
        right = predicted.shape == (tested,) and bool(((predicted >= 0) & (predicted < classes)).all())
        return found if right else None

    def save(self, path: Path, found: FinishedTraining) -> None:
        """Keep a training; the file appears complete.

        Raises
        ------
        OutputError : it cannot be written, for example because the disk is full.
        """
        record = {
            "train_seconds": found.train_seconds,
            "predict_seconds": found.predict_seconds,
            "parameters": found.parameters,
            "size_bytes": found.size_bytes,
        }
        content = save({"predicted": found.predicted.astype(np.int32)}, metadata={"record": json.dumps(record)})
        try:
            self.folder.mkdir(exist_ok=True)
            with temporary_beside(path) as partial:
                partial.write_bytes(content)
                partial.replace(path)
        except OSError as error:
            raise OutputError(
                f"The finished training {path} cannot be kept: {error.strerror or error}.",
                code="write_failed",
                hint=writing_hint(error, "Free some disk space, or choose another folder for the results."),
            ) from error

    def discard(self) -> None:
        """Remove the folder with all trainings; other files in it stay, and the folder with them."""
        _remove([*self.folder.glob(f"*{_SUFFIX}"), *self.folder.glob(f".tmp-*{_SUFFIX}")])
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
