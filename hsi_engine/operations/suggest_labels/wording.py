"""What a user has to know of suggested points, and what to do with them."""

from __future__ import annotations

from ...phrases import counted
from .operation import SuggestLabelsParams

NOT_FOR_ACCURACY = (
    "These points are not a probability sample: they are where the model is unsure, so a map is worse there than elsewhere. Train"
    " with their labels, but do not measure the accuracy of a map with them; Sample reference points draws points for that."
)


def next_steps(params: SuggestLabelsParams) -> list[str]:
    """What to do with the points."""
    square = " Each is a square whose pixels all get the label; leave those that hold several classes." * (
        params.window > 1
    )
    return [
        f"Label the points: open {params.output.name} in QGIS, switch on Label reference points (Raster ▸ HSI Classifier), and"
        f" give each point the class that you see on the ground. The first points are worth the most.{square}",
        f"Then train again with the old labels and {params.output.name} as more labels (hsi train --more-labels); points"
        " without a label are left out.",
    ]


def note_on_dissimilarity(model: str) -> str:
    """Why it does not count although it was asked for."""
    return (
        f"{model} keeps no training pixels that spectra could be compared with, so that dissimilarity does not count. Train it"
        " again with this version, in more than one place, to use it."
    )


def note_on_lacking(found: int, asked: int) -> str:
    """Why there are fewer points than were asked for."""
    return (
        f"Only {counted(found, 'point')} of {asked:,} could be suggested: no other candidate keeps the minimum distance from"
        " them. Choose a smaller distance or a larger part of the scene for more."
    )


def note_on_cut_squares(pixels: int, window: int) -> str:
    """Pixels that could not be suggested because of their squares."""
    return (
        f"Pixels left out because the square of {window}×{window} pixels around them reaches over the border of the scene or onto pixels"
        f" without data: {pixels:,}."
    )
