"""What :mod:`benchmarks.honest` has found so far, a line of JSON for each result, so that a run that was stopped resumes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ENGINE = Path(__file__).parents[1] / "hsi_engine"
# What decides a result besides the settings and the data.
SOURCES = ("training", "selection", "models", "preprocess", "splitting")

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the test pixels of one scene were classified by one candidate with one seed.

    Parameters
    ----------
    cells : unit, reference class, predicted class and number of test pixels, if that is not 0. A unit is a block.
    n_classes : of the legend, whether tested or not.
    n_train : pixels trained on; the mean over folds where there are several.
    seconds : of training and prediction, and of comparing where a choice was made.
    leakage : share of the test pixels within the patch of a training pixel.
    device : that the seconds were measured on.
    notes : what a reader of the figures has to know, in sentences.
    chosen, reason : of the automatic choice; empty elsewhere.
    """

    cells: list[list[int]]
    n_classes: int
    n_train: float
    seconds: float
    leakage: float
    device: str
    notes: list[str] = field(default_factory=list)
    chosen: str = ""
    reason: str = ""

    @property
    def samples(self) -> tuple[Indices, Indices, Indices]:
        """Reference, prediction and unit of each test pixel, in the order of the cells."""
        table = np.array(self.cells, dtype=np.int64).reshape(-1, 4)
        unit, reference, predicted = (np.repeat(column, table[:, 3]) for column in table.T[:3])
        return reference, predicted, unit


def count_cells(reference: Indices, predicted: Indices, units: Indices) -> list[list[int]]:
    """The cells of an :class:`Outcome` from one value a test pixel."""
    found, counts = np.unique(np.stack([units, reference, predicted]), axis=1, return_counts=True)
    return [[*map(int, cell), int(count)] for cell, count in zip(found.T, counts, strict=True)]


def hash_sources(engine: Path = ENGINE) -> str:
    """Changes with every Python file of the packages in ``SOURCES``."""
    digest = hashlib.sha256()
    for package in SOURCES:
        for path in sorted((engine / package).rglob("*.py")):
            digest.update(f"{path.relative_to(engine).as_posix()}\0".encode())
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def key_of(*, sources: str, scene: str, candidate: str, seed: int, settings: Any) -> str:
    """Names a result: the same key, the same figures (but for the time it took)."""
    named = {"sources": sources, "scene": scene, "candidate": candidate, "seed": seed, "settings": settings}
    return hashlib.sha256(json.dumps(named, sort_keys=True, default=str).encode()).hexdigest()[:24]


class Store:
    """The lines of a file; of several with one key the last counts.

    Parameters
    ----------
    forget : scenes of which nothing that stands in the file counts.
    """

    def __init__(self, path: Path, forget: Collection[str] = ()) -> None:
        self.path = path
        self._found: dict[str, Outcome] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        self._gap = "" if not text or text.endswith("\n") else "\n"
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:  # the run was stopped while it wrote
                continue
            if row["scene"] not in forget:
                self._found[row["key"]] = Outcome(**row["outcome"])

    def get(self, key: str) -> Outcome | None:
        """What was found under a key."""
        return self._found.get(key)

    def add(self, key: str, scene: str, candidate: str, seed: int, outcome: Outcome) -> None:
        """Keep a result, at once."""
        self._found[key] = outcome
        self.path.parent.mkdir(parents=True, exist_ok=True)
        row = {"key": key, "scene": scene, "candidate": candidate, "seed": seed, "outcome": asdict(outcome)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(self._gap + json.dumps(row) + "\n")
        self._gap = ""

    def scores_path(self, key: str) -> Path:
        """Where the scores of a cross-fitted candidate are kept, for the automatic choice."""
        folder = self.path.with_name(f"{self.path.stem}_scores")
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{key}.npy"
