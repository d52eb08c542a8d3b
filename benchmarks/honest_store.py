"""What :mod:`benchmarks.honest` has found so far, a line of JSON for each result, so that a run that was stopped resumes.

The files stand in ``benchmarks/results`` and are committed: a run on another machine continues them. Each result says at which
commit and on which machine it was measured. It counts until the settings of its method or of its protocol change; results of
other sources of training, selection, models, preprocessing or splitting count too, unless the run asks for what is outdated.
"""

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
RESULTS = Path(__file__).parent / "results"
# What may change a result besides the settings and the data.
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
    seconds : of training and prediction, and of comparing where a choice was made; of the processor, on a GPU of the clock.
    leakage : share of the test pixels within the patch of a training pixel.
    device : that the seconds were measured on.
    notes : what a reader of the figures has to know, in sentences.
    chosen, reason : of the automatic choice; empty elsewhere.
    commit, machine : where it was measured.
    sources : hash of the sources that it was measured with, see :func:`hash_sources`.
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
    commit: str = ""
    machine: str = ""
    sources: str = ""

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


def key_of(*, scene: str, candidate: str, seed: int, settings: Any) -> str:
    """Names a result: the same key and sources, the same figures (but for the time it took)."""
    named = {"scene": scene, "candidate": candidate, "seed": seed, "settings": settings}
    return hashlib.sha256(json.dumps(named, sort_keys=True, default=str).encode()).hexdigest()[:24]


class Store:
    """The lines of a file; of several with one key the last counts.

    Parameters
    ----------
    scores : folder for the scores of cross-fitted candidates, which are too large to be committed; None: next to the file.
    forget : scenes of which nothing that stands in the file counts.
    sources : hash of the sources whose results count; None: those of all.
    """

    def __init__(
        self,
        path: Path,
        *,
        scores: Path | None = None,
        forget: Collection[str] = (),
        sources: str | None = None,
    ) -> None:
        self.path = path
        self._scores = scores or path.with_name(f"{path.stem}_scores")
        self._found: dict[str, Outcome] = {}
        self._rows: dict[tuple[str, str, int], Outcome] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        self._gap = "" if not text or text.endswith("\n") else "\n"
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except json.JSONDecodeError:  # the run was stopped while it wrote
                continue
            outcome = Outcome(**row["outcome"])
            if row["scene"] not in forget and sources in (None, outcome.sources):
                self._found[row["key"]] = self._rows[row["scene"], row["candidate"], row["seed"]] = outcome

    def get(self, key: str) -> Outcome | None:
        """What was found under a key."""
        return self._found.get(key)

    def results(self, scene: str) -> dict[str, dict[int, Outcome]]:
        """The last outcome of each candidate and seed of a scene, of whatever settings."""
        found: dict[str, dict[int, Outcome]] = {}
        for (of, candidate, seed), outcome in self._rows.items():
            if of == scene:
                found.setdefault(candidate, {})[seed] = outcome
        return found

    def add(self, key: str, scene: str, candidate: str, seed: int, outcome: Outcome) -> None:
        """Keep a result, at once."""
        self._found[key] = self._rows[scene, candidate, seed] = outcome
        self.path.parent.mkdir(parents=True, exist_ok=True)
        row = {"key": key, "scene": scene, "candidate": candidate, "seed": seed, "outcome": asdict(outcome)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(self._gap + json.dumps(row, separators=(",", ":")) + "\n")
        self._gap = ""

    def scores_path(self, key: str) -> Path:
        """Where the scores of a cross-fitted candidate are kept, for the automatic choice."""
        self._scores.mkdir(parents=True, exist_ok=True)
        return self._scores / f"{key}.npy"
