"""How a split is told to a reader: what was done, and what the accuracy is worth because of it."""

from __future__ import annotations

from .content import SplitSummary, Verdict

_STRATEGIES = {
    "random": (
        "Random pixels",
        "Training pixels were drawn one by one, at random, from the labelled pixels of each class; the others"
        " were tested. Most published figures for single scenes follow this protocol.",
    ),
    "blocks": (
        "Spatial blocks",
        "The scene was cut into blocks, and all labelled pixels of a block were used either for training or for"
        " testing.",
    ),
    "groups": (
        "Whole polygons",
        "All pixels of a labelled polygon (or connected area) were used either for training or for testing.",
    ),
    "given": ("Given split", "The training and test pixels were given by the user."),
}


def strategy_name(split: SplitSummary | None) -> str:
    """A split in two words, for the head of a column."""
    return "Not known" if split is None else _STRATEGIES.get(split.strategy, (split.strategy, ""))[0]


def strategy_text(split: SplitSummary) -> str:
    """What was done, in a sentence or two."""
    text = _STRATEGIES.get(split.strategy, ("", f"The strategy is called “{split.strategy}”."))[1]
    if split.guard_px:
        text += (
            f" A guard of {split.guard_px} pixels was kept between the sides; {split.removed_samples:,} labelled pixels"
            " inside it were used for neither."
        )
    return text


def verdict(split: SplitSummary | None) -> Verdict:
    """Whether the accuracy can be trusted for places the model has not seen, and why."""
    if split is None:
        return Verdict(
            level="caution",
            headline="How this reference relates to the training pixels is not known",
            text="If pixels of this reference, or their neighbours, were used to train the model, the accuracy is"
            " higher than it would be elsewhere.",
        )
    if split.leakage is None:
        return Verdict(
            level="caution",
            headline="Leakage was not measured",
            text="How many test pixels lie inside a training patch is not known; the accuracy may be too high.",
        )
    patch = f"{split.patch_size}×{split.patch_size} pixel " if split.patch_size else ""
    if split.leakage > 0:
        return Verdict(
            level="warning",
            headline=f"This split leaks: {percent(split.leakage)} of the test pixels lie inside a training patch",
            text=f"The network sees a {patch}patch around every training pixel. It has therefore seen the spectra of"
            " these test pixels during training, as surroundings of pixels whose class it was told, and most"
            " neighbours are of the same class. The accuracy tells how well gaps between training pixels are"
            " filled. It does not tell how well the model maps a place it has not seen, and it is comparable only"
            " with figures of the same protocol. A split into spatial blocks avoids this.",
        )
    if split.overlap:
        return Verdict(
            level="good",
            headline="No test pixel lies inside a training patch",
            text=f"The {patch}patches of {percent(split.overlap)} of the test pixels do share some surroundings with a"
            " training patch, but the test pixels themselves were never seen in training.",
        )
    return Verdict(
        level="good",
        headline="No test pixel lies inside a training patch, and no patches overlap",
        text="Test pixels and their surroundings were never seen in training. They are still of the same scene:"
        " other scenes, dates and sensors can give other accuracies.",
    )


def percent(share: float, digits: int = 1) -> str:
    """``97.1 %``; a share that is not quite nothing or everything is never rounded to it."""
    smallest = 10.0**-digits
    value = 100 * share
    if 0 < value < smallest / 2:
        return f"less than {smallest:g} %"
    if 100 - smallest / 2 < value < 100:
        return f"more than {100 - smallest:g} %"
    return f"{value:.{digits}f} %"
