"""Points that were suggested for training are no reference for the accuracy of a map."""

from __future__ import annotations

from pathlib import Path

from ...errors import LabelError
from ...io.samples.lost_design import are_suggestions_for_training


def refuse_suggested(reference: Path, layer: str | None) -> None:
    """See that a reference is not a layer of suggested points, or a copy of one.

    Raises
    ------
    LabelError : it is.
    """
    if not are_suggestions_for_training(reference, layer):
        return
    raise LabelError(
        f"The points of {reference.name} are those of Suggest where to label next: they lie where a model was unsure, and were"
        " not drawn at random. An accuracy measured with them would be that of the hardest places, not of the map.",
        code="suggested_points",
        hint="Train with these labels. For the accuracy, draw points with Sample reference points and label those.",
    )
