"""The comparison of methods as rows of a table: candidates, averages of them, strengths of smoothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...evaluation.comparison import SIGNIFICANT, verdict_on
from ...phrases import counted
from ..evidence import TrainingEvidence

_OUTCOMES = {
    "lower": "lower than the best",
    "alike": "not distinguishable from the best",
    "too_few": "lower; too few places to tell whether by chance",
}
# More averages than these are folded.
_SHOWN_AVERAGES = 3


@dataclass(frozen=True, kw_only=True)
class CandidateRow:
    """One candidate; figures are None if it could not be compared."""

    title: str
    baseline: bool
    chosen: bool
    figures: tuple[float | None, ...]
    behind: str
    seconds: float | None
    status: str


@dataclass(frozen=True, kw_only=True)
class SmoothingRow:
    """One strength of smoothing, with overall and average accuracy and mean IoU of the tested pixels."""

    name: str
    chosen: bool
    figures: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class SelectionView:
    """What was compared and what was chosen.

    Parameters
    ----------
    shown, folded : rows that are shown, and averages that a reader may unfold.
    smoothing : empty if none was tried.
    """

    reason: str
    shown: tuple[CandidateRow, ...]
    folded: tuple[CandidateRow, ...]
    smoothing: tuple[SmoothingRow, ...]
    smoothing_text: str
    caveat: str


def selection_view(evidence: TrainingEvidence) -> SelectionView | None:
    """The table of candidates; None if nothing was compared."""
    selection = evidence.selection
    if selection is None:
        return None
    records = selection["candidates"]
    scores = [record["score"] for record in records if record["score"] is not None]
    best_is_listed = any(record["score"] is not None and record["behind_best"] is None for record in records)
    rows = [
        (_is_average(record), _row(record, evidence, max(scores, default=0.0), best_is_listed)) for record in records
    ]
    single = [row for average, row in rows if not average]
    averages = [row for average, row in rows if average]
    folded: list[CandidateRow] = []
    if len(averages) > _SHOWN_AVERAGES:
        folded = [row for row in averages if not row.chosen]
        averages = [row for row in averages if row.chosen]
    compared = sum(row.seconds is not None for _, row in rows)
    tried = (selection.get("smoothing") or {}).get("tried", ())
    return SelectionView(
        reason=str(selection["reason"]),
        shown=(*single, *averages),
        folded=tuple(folded),
        smoothing=tuple(_smoothing_row(one) for one in tried),
        smoothing_text=_smoothing_text(tried),
        caveat=_caveat(compared, evidence, with_errors=best_is_listed),
    )


def _is_average(record: Mapping[str, Any]) -> bool:
    return len(record["members"]) > 1


def _row(record: Mapping[str, Any], evidence: TrainingEvidence, best: float, best_is_listed: bool) -> CandidateRow:
    names = ("overall_accuracy", "average_accuracy", "mean_iou", "kappa")
    return CandidateRow(
        title=record["title"],
        baseline=record["name"] == evidence.baseline_name,
        chosen=record["status"] == "chosen",
        figures=tuple(record[name] for name in names),
        behind=_behind(record, best, best_is_listed),
        seconds=record["seconds"],
        status=_status(record, best_is_listed, "asked for" if evidence.asked_for else "chosen"),
    )


def _behind(record: Mapping[str, Any], best: float, best_is_listed: bool) -> str:
    """The difference to the best candidate in percentage points, with its standard error."""
    if record["score"] is None:
        return ""
    # If the best is not listed, the recorded differences and their errors are those to a method nobody sees.
    difference = record["behind_best"] if best_is_listed else best - record["score"]
    if difference is None or (not best_is_listed and not difference):
        return "best"
    error = record["behind_best_standard_error"] if best_is_listed else None
    return _points(difference) + ("" if error is None else f" ± {100 * error:.1f}")


def _points(difference: float) -> str:
    return f"{-round(100 * difference, 1) or 0.0:.1f}".replace("-", "−")


def _status(record: Mapping[str, Any], best_is_listed: bool, taken: str) -> str:
    status, message = record["status"], str(record["message"])
    if status == "failed":
        return f"failed: {message}"
    if status == "not_tried":
        rest = message.removeprefix("Not tried: ")
        return f"not tried: {rest}"
    behind = record["behind_best"]
    if not best_is_listed:
        words = ""
    elif behind is None:
        words = "best"
    else:
        words = _OUTCOMES[verdict_on(behind, record["behind_best_standard_error"], record["p_value"])]
    if status == "chosen":
        return taken if words in ("", "best") else f"{taken}; {words}"
    return words or "compared"


def _caveat(compared: int, evidence: TrainingEvidence, *, with_errors: bool) -> str:
    if compared < 2:
        return ""
    text = "Differences are those of the mean of overall and average accuracy, in percentage points"
    if with_errors:
        text += (
            " with one standard error over the tested places; “not distinguishable” means that swapping the two methods"
            f" within places makes a difference as large in {100 * SIGNIFICANT:.0f} % of the ways or more. A small difference"
            " can be certain and a larger one not, as methods differ more in some places than in others"
        )
    text += "."
    if not evidence.asked_for:
        text += " The method was chosen by these very figures, so its own figure is slightly too high."
    return text + (" The baseline is what any other method has to beat." if evidence.baseline_name else "")


def _smoothing_row(record: Mapping[str, Any]) -> SmoothingRow:
    return SmoothingRow(
        name="none" if not record["radius_px"] else f"radius {record['radius_px']} px (ε {record['epsilon']:g})",
        chosen=bool(record["chosen"]),
        figures=tuple(record[name] for name in ("overall_accuracy", "average_accuracy", "mean_iou")),
    )


def _smoothing_text(tried: Any) -> str:
    chosen = next((one for one in tried if one["chosen"]), None)
    if chosen is None:
        return ""
    if not chosen["radius_px"]:
        return (
            f"{len(tried) - 1} strengths were tried. None makes the tested pixels more accurate by enough to pay for lost"
            " detail, so the map is not smoothed."
        )
    plain = next(one for one in tried if not one["radius_px"])

    def change(name: str) -> str:
        return f"from {100 * plain[name]:.1f} to {100 * chosen[name]:.1f} %"

    return (
        f"The map is smoothed along edges of the scene within a radius of {counted(chosen['radius_px'], 'pixel')}. On the tested"
        f" pixels that changes the overall accuracy {change('overall_accuracy')} and the average accuracy"
        f" {change('average_accuracy')}."
    )
