"""How a split is described to a reader: what was done, and what the accuracy is worth because of it."""

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
    "polygons": (
        "Whole polygons",
        "All pixels of a labelled polygon (or connected area) were used either for training or for testing.",
    ),
    "given": ("Given split", "The training and test pixels were given by the user."),
    "folds": (
        "Separate places, cross-fitted",
        "The labelled pixels were divided by place into folds. Each fold was tested by a model trained on the others."
        " These models only serve as a check: the final model was trained on all labelled pixels.",
    ),
    "none": ("No test", "All labelled pixels were used for training, and none was tested."),
}


def strategy_name(split: SplitSummary | None) -> str:
    """A split in two words, for the head of a column."""
    return "Not known" if split is None else _STRATEGIES.get(split.strategy, (split.strategy, ""))[0]


def strategy_text(split: SplitSummary) -> str:
    """What was done, in a sentence or two."""
    text = _STRATEGIES.get(split.strategy, ("", f"The strategy is called “{split.strategy}”."))[1]
    if split.strategy == "folds":
        text += (
            f" No model was trained within {split.guard_px} pixels of a pixel that it was tested on."
            if split.guard_px
            else " The chosen method looks at single pixels, so there is no guard: neighbouring places may touch."
        )
    elif split.guard_px:
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
    if split.strategy == "none":
        return Verdict(
            level="caution",
            headline="The accuracy is not known",
            text="No labelled pixel was tested by a model that was not trained on it.",
        )
    if split.leakage is None:
        return Verdict(
            level="caution",
            headline="Leakage was not measured",
            text="How many test pixels lie inside a training patch is not known; the accuracy may be too high.",
        )
    if split.leakage > 0:
        return _leaks(split, split.leakage)
    if split.tests_neighbours:
        return _tests_neighbours(split)
    return _tested_in_folds(split) if split.strategy == "folds" else _tested_apart(split)


def _leaks(split: SplitSummary, leakage: float) -> Verdict:
    return Verdict(
        level="warning",
        headline=f"This split leaks: {percent(leakage)} of the test pixels lie inside a training patch",
        text=f"The network sees a {_patch(split)}patch around every training pixel. It has therefore seen the spectra of"
        " these test pixels during training, as surroundings of labelled pixels, and"
        " neighbours are often of the same class. The accuracy shows how well gaps between training pixels are"
        " filled. It does not show how well the model maps a place it has not seen, and it is comparable only"
        " with figures of the same protocol. A split into spatial blocks avoids this.",
    )


def _tests_neighbours(split: SplitSummary) -> Verdict:
    drawn = (
        "Pixels were drawn at random, so test pixels may lie next to training pixels"
        if split.near is None
        else f"{percent(split.near)} of the test pixels have a training pixel within two pixels, often one"
    )
    return Verdict(
        level="caution",
        headline="Test pixels are neighbours of training pixels",
        text=f"{drawn} of the same class. The accuracy shows how well gaps between training pixels are filled, not how well"
        " the model maps a place it has not seen.",
    )


def _tested_in_folds(split: SplitSummary) -> Verdict:
    border = (
        ""
        if split.guard_px
        else " Places of different folds may touch, so pixels at their borders have neighbours that were trained on."
    )
    return Verdict(
        level="good",
        headline="Tested in places that the model had not seen",
        text=f"Each of these pixels was classified by a model that was trained in other places only.{border} The final"
        " model was trained on all labels; it is not tested itself, and with more labels it is usually no worse."
        " Places of the same scene are alike: other scenes, dates and sensors can give other accuracies.",
    )


def _tested_apart(split: SplitSummary) -> Verdict:
    if split.overlap:
        return Verdict(
            level="good",
            headline="No test pixel lies inside a training patch",
            text=f"The {_patch(split)}patches of {percent(split.overlap)} of the test pixels do share some surroundings with a"
            " training patch, but the test pixels themselves were never seen in training.",
        )
    return Verdict(
        level="good",
        headline="No test pixel lies inside a training patch, and no patches overlap",
        text="Test pixels and their surroundings were never seen in training. They are still of the same scene:"
        " other scenes, dates and sensors can give other accuracies.",
    )


def _patch(split: SplitSummary) -> str:
    return f"{split.patch_size}×{split.patch_size} pixel " if split.patch_size else ""


def percent(share: float, digits: int = 1) -> str:
    """``97.1 %``; a share that is not quite nothing or everything is never rounded to it."""
    smallest = 10.0**-digits
    value = 100 * share
    if 0 < value < smallest / 2:
        return f"less than {smallest:g} %"
    if 100 - smallest / 2 < value < 100:
        return f"more than {100 - smallest:g} %"
    return f"{value:.{digits}f} %"


def percent_range(interval: tuple[float, float] | None) -> str:
    """``66–78 %``, with a decimal if the interval is narrow; empty if there is none."""
    if interval is None:
        return ""
    low, high = (100 * bound for bound in interval)
    digits = 0 if high - low >= 3 else 1
    return f"{low:.{digits}f}–{high:.{digits}f} %"
