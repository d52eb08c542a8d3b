"""What a report shows. Every part but the title may be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..classes.legend import Legend
from ..evaluation.accuracy import Accuracy
from ..pixels.grid import Grid
from .evidence import DrawnUnits, Places, TrainingEvidence

# Of the test pixels; a few at the border of two places do no harm.
_MANY = 0.05


@dataclass(frozen=True, kw_only=True)
class SplitSummary:
    """How the samples of an assessment were kept apart from those of the training.

    Parameters
    ----------
    strategy : "random", "blocks", "polygons" or "given", as in :class:`hsi_engine.splitting.split.Split`; "folds" if
        all samples are trained on in the end, and "none" if none is tested.
    train_samples, validation_samples, test_samples, removed_samples : pixels by side; removed for the guard.
    guard_px : distance in pixels kept free around training samples.
    leakage : share (0 to 1) of test pixels inside the patch of some training pixel; None if unknown.
    near : share of test pixels with a training pixel within two pixels, whatever the patch; None if unknown.
    overlap : share of test pixels whose patch shares pixels with a training patch; None if unknown.
    patch_size : edge of a patch in pixels; None if unknown.
    trained : training pixels by class index; None if unknown.
    notes : sentences of whoever made the split.
    """

    strategy: str
    train_samples: int
    validation_samples: int
    test_samples: int
    removed_samples: int = 0
    guard_px: int = 0
    leakage: float | None = None
    near: float | None = None
    overlap: float | None = None
    patch_size: int | None = None
    trained: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def tests_neighbours(self) -> bool:
        """Whether many test pixels lie next to training pixels, so that the figure is about gaps, not places."""
        return self.strategy == "random" or bool(self.leakage) or (self.near or 0.0) > _MANY

    @classmethod
    def from_json(cls, data: Mapping[str, Any], patch_size: int | None = None) -> SplitSummary:
        """From what :meth:`hsi_engine.splitting.split.Split.to_json` gives; fields that are missing are unknown."""
        return cls(
            strategy=str(data.get("strategy", "given")),
            patch_size=patch_size,
            leakage=data.get("leakage"),
            near=data.get("near"),
            overlap=data.get("overlap"),
            trained=None if data.get("trained") is None else tuple(map(int, data["trained"])),
            notes=tuple(data.get("notes", ())),
            **{
                name: int(data.get(name, 0))
                for name in ("train_samples", "validation_samples", "test_samples", "removed_samples", "guard_px")
            },
        )


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a reader has to know before using an accuracy: a level, a headline and an explanation."""

    level: Literal["warning", "caution", "good"]
    headline: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One accuracy under its name; several stand side by side, such as random and block split.

    ``verdict`` takes the place of the one that follows from the split; ``places`` are those of cross-fitting; ``test_units``
    the blocks or polygons of a test side that was held back; ``subject`` is what was tested.
    """

    name: str
    accuracy: Accuracy
    split: SplitSummary | None = None
    verdict: Verdict | None = None
    places: Places | None = None
    test_units: DrawnUnits | None = None
    subject: str = "model"

    @property
    def drawn(self) -> DrawnUnits | None:
        """The whole blocks or polygons that the intervals come from; None if they are those of single pixels."""
        return self.test_units if self.places is None else self.places.drawn


@dataclass(frozen=True, kw_only=True)
class LearningCurves:
    """Losses and accuracies (0 to 1) by epoch; a value that was not measured is None.

    ``loss`` and ``accuracy`` hold one series a subset, each as long as ``epochs``. ``best_epoch`` is the one
    whose weights were kept. ``network`` is the title of the network, the first of so many ``networks`` in the model; empty
    if that is not known. ``trained_on_all``: no labelled pixel was kept from it.
    """

    epochs: tuple[int, ...]
    loss: Mapping[str, Sequence[float | None]]
    accuracy: Mapping[str, Sequence[float | None]]
    best_epoch: int | None = None
    network: str = ""
    networks: int = 1
    trained_on_all: bool = False

    @classmethod
    def from_history(cls, history: Sequence[Mapping[str, Any]], best_epoch: int | None = None) -> LearningCurves:
        """From records with ``epoch``, ``loss``, ``accuracy``, ``validation_loss`` and ``validation_accuracy``."""

        def series(name: str) -> dict[str, list[float | None]]:
            found = {
                "training": [record.get(name) for record in history],
                "validation": [record.get(f"validation_{name}") for record in history],
            }
            return {key: values for key, values in found.items() if any(value is not None for value in values)}

        return cls(
            epochs=tuple(int(record["epoch"]) for record in history),
            loss=series("loss"),
            accuracy=series("accuracy"),
            best_epoch=best_epoch,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class FalseColour:
    """A picture of the scene: ``rgb`` uint8 (rows, cols, 3) on every ``step``-th pixel, and what it shows."""

    rgb: npt.NDArray[np.uint8]
    caption: str


@dataclass(frozen=True, kw_only=True, eq=False)
class MapPicture:
    """A class map next to a picture of its scene.

    Parameters
    ----------
    values : raster values (rows, cols); of a large map it may be those that a picture shows only, every
        :func:`~hsi_engine.report.figures.pictures.thinning_step`-th one.
    legend, grid : of the whole map.
    class_pixels : pixels of each class of the legend in the whole map.
    class_hectares : area of each class of the legend in the whole map; None if it is not known.
    """

    values: npt.NDArray[Any]
    legend: Legend
    grid: Grid
    class_pixels: Sequence[int]
    false_colour: FalseColour | None = None
    class_hectares: Sequence[float] | None = None


@dataclass(frozen=True, kw_only=True)
class FactTable:
    """Names and values under a heading, such as settings or versions."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportContent:
    """A whole report.

    Parameters
    ----------
    title, subtitle : head of the page; the subtitle is a sentence such as which map and which reference.
    created : when, as it is to be printed.
    verdict : what a reader has to know first, if that does not follow from the assessments.
    figures : title, value and small print of numbers at the head of a page without assessments.
    assessments : accuracies, the most important first.
    evidence : what else the record of a training holds; None in other reports.
    map_picture, curves, facts : further parts.
    part_mapped : which pixels of the scene the map leaves out and why, in sentences; empty if none were left out on purpose.
    notes : everything that was left out, guessed or corrected on the way, one sentence each.
    """

    title: str
    subtitle: str = ""
    created: str = ""
    verdict: Verdict | None = None
    figures: tuple[tuple[str, str, str], ...] = ()
    assessments: tuple[Assessment, ...] = ()
    evidence: TrainingEvidence | None = None
    map_picture: MapPicture | None = None
    part_mapped: str = ""
    curves: LearningCurves | None = None
    facts: tuple[FactTable, ...] = ()
    notes: tuple[str, ...] = ()
