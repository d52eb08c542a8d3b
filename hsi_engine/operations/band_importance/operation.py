"""Which bands and components a model needs: permutation importance on pixels that were held out.

An operation and not an option of the training. The question comes up when a map is there, so it can be asked of a model that exists,
and no training takes longer for those who do not ask. Its price is that the method is trained once more per fold, because a model is
trained on all labels and no pixel would be held out otherwise; the log says beforehand what that took.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ...phrases import counted
from ..definition.base import Operation, OperationParams, OperationResult, parameter, same_as
from ..definition.label_input import ClassField, LabelReading, MoreLabels
from ..train_classifier.method_options import MethodOptions
from ..train_classifier.options import CheckOptions
from ..train_classifier.parameters import SceneAndLabels

_MOST_IN_TEXT = 10


class _ImportanceInputs(MoreLabels, SceneAndLabels):
    """What is asked about."""

    model: Path = parameter(
        title="Model file",
        description="Model file (.hsimodel) whose method and settings are examined; it is trained again on a part of the labels.",
        kind="model",
    )


class _Outputs(OperationParams):
    """What is written."""

    report: Path | None = parameter(
        None,
        title="Report",
        description="HTML page with the importance of the bands over their wavelengths.",
        kind="report_out",
    )
    table: Path | None = parameter(
        None,
        title="Table",
        description="CSV with a row for each group of bands and each component.",
        kind="csv_out",
        advanced=True,
    )


class _Effort(OperationParams):
    """How much is computed."""

    repeats: int = parameter(
        5,
        title="Repeats",
        description="How often each group of bands is permuted; mean and standard deviation are over the repeats.",
        kind="integer",
        ge=2,
        le=100,
    )
    groups: int = parameter(
        20,
        title="Most groups",
        description="Neighbouring bands are grouped until there are at most so many groups.",
        kind="integer",
        ge=2,
        le=200,
        advanced=True,
    )
    correlation: float = parameter(
        0.98,
        title="Correlation",
        description="Neighbouring groups of bands whose values correlate so much over the labelled pixels are one group.",
        kind="number",
        ge=0.5,
        le=1,
        advanced=True,
    )
    pixels: int = parameter(
        1000,
        title="Tested pixels",
        description="At most so many held-out pixels are used, as many of each class if possible.",
        kind="integer",
        ge=50,
        le=100_000,
        advanced=True,
    )
    folds: int = parameter(
        3,
        title="Folds",
        description="The method is trained so many times, each time without one fold of the labels; fewer if the labels allow no more.",
        kind="integer",
        ge=2,
        le=20,
        advanced=True,
    )
    block_size: int | None = same_as(
        CheckOptions, "block_size", description="Side length of the blocks that folds are made of."
    )
    seed: int = same_as(MethodOptions, "seed")
    device: str = same_as(MethodOptions, "device")


class BandImportanceParams(_Effort, LabelReading, ClassField, _Outputs, _ImportanceInputs):
    """Parameters of :data:`OPERATION`. Of several parents, the last one's fields come first."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupImportance(_Part):
    """A group of neighbouring bands.

    ``bands`` count from 1 in the scene; the wavelengths are those of the first and last of them, null if not known. ``drop`` is
    the loss of average accuracy (0 to 1) if the group is permuted, as mean over the repeats, ``deviation`` its standard
    deviation. ``most_affected`` is the class that loses most, and ``most_affected_drop`` how much.
    """

    bands: list[int]
    first_nm: float | None
    last_nm: float | None
    drop: float
    deviation: float
    drops: list[float]
    most_affected: str
    most_affected_drop: float


class ComponentImportance(_Part):
    """A component of a reduction, counted from 1; drop and deviation as for a group of bands."""

    reduction: str
    number: int
    drop: float
    deviation: float
    drops: list[float]


class BandImportanceResult(OperationResult):
    """How much accuracy depends on groups of bands and on components.

    ``average_accuracy`` is the mean over the classes of the share of right pixels, 0 to 1, of ``tested_pixels`` held-out pixels before
    anything is permuted. ``groups`` are in the order of the bands. ``rule`` states how bands were grouped, ``limits`` what permutation
    importance cannot tell.
    """

    report: Path | None
    table: Path | None
    method: str
    headline: str
    average_accuracy: float
    tested_pixels: int
    folds: int
    unit_name: str
    repeats: int
    groups: list[GroupImportance]
    components: list[ComponentImportance]
    rule: str
    limits: list[str]
    notes: list[str]
    device: str
    seconds: float

    def to_text(self) -> str:
        lines = [
            f"Method     {self.method}",
            f"Accuracy   {100 * self.average_accuracy:.1f} % on average over the classes, of {self.tested_pixels:,} held-out pixels",
            self.headline,
            "Loss of average accuracy in points, mean ± standard deviation of the repeats:",
        ]
        ordered = sorted(self.groups, key=lambda one: -one.drop)
        lines += [f"  {group_text(one):<34} {_points(one.drop, one.deviation)}" for one in ordered[:_MOST_IN_TEXT]]
        if len(ordered) > _MOST_IN_TEXT:
            lines.append(f"  and {counted(len(ordered) - _MOST_IN_TEXT, 'group')} with less")
        strongest = sorted(self.components, key=lambda one: -one.drop)[:5]
        lines += [f"  {one.reduction} {one.number:<28} {_points(one.drop, one.deviation)}" for one in strongest]
        lines += [*self.limits, *(f"Note: {note}" for note in self.notes)]
        lines += [f"Written: {path}" for path in (self.report, self.table) if path is not None]
        return "\n".join(lines)


def group_text(group: GroupImportance) -> str:
    """``bands 12–19 (497–560 nm)``."""
    first, last = min(group.bands), max(group.bands)
    numbers = f"band {first}" if len(group.bands) == 1 else f"bands {first}–{last}"
    if group.first_nm is None or group.last_nm is None:
        return numbers
    places = f"{group.first_nm:.0f} nm" if len(group.bands) == 1 else f"{group.first_nm:.0f}–{group.last_nm:.0f} nm"
    return f"{numbers} ({places})"


def _points(drop: float, deviation: float) -> str:
    return f"{100 * drop:5.1f} ± {100 * deviation:.1f}".replace("-", "−")


OPERATION = Operation(
    name="band_importance",
    command="importance",
    title="Band importance",
    summary="Find out which bands a model needs: how much accuracy held-out pixels lose if groups of neighbouring bands are permuted.",
    group="Accuracy",
    params=BandImportanceParams,
    result=BandImportanceResult,
    run="hsi_engine.operations.band_importance.run:run",
    example="hsi importance --scene scene.tif --labels polygons.gpkg --model crops.hsimodel --report importance.html",
)
