"""The sides of a split: their values in rasters and fields, their names and their colours. Nothing else states them."""

from __future__ import annotations

from enum import IntEnum

from ..classes.legend import Legend


class SplitSide(IntEnum):
    """What a labelled pixel is used for; the number is its value in a split raster or in a field of a vector layer."""

    UNUSED = 0
    TRAINING = 1
    VALIDATION = 2
    TEST = 3

    @property
    def word(self) -> str:
        """The name of the side as people write it."""
        return self.name.lower()


SIDES = (SplitSide.TRAINING, SplitSide.VALIDATION, SplitSide.TEST)
"""The sides that samples are on, in the order of their values; an unused sample is on none."""

SIDE_OF_WORD = {
    **{side.word: side for side in SplitSide},
    "train": SplitSide.TRAINING,
    "valid": SplitSide.VALIDATION,
    "val": SplitSide.VALIDATION,
    "testing": SplitSide.TEST,
}
"""The words that a field of a split may hold, in lower case."""

SPLIT_LEGEND = Legend.of(
    {int(side): side.word for side in SIDES},
    {int(side): colour for side, colour in zip(SIDES, ("#0072b2", "#f0e442", "#d55e00"), strict=True)},
)
