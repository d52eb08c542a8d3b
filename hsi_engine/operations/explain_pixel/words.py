"""What was found of a pixel, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...phrases import listed
from ...report.content import Verdict
from ...report.wording import percent
from .operation import ExplainedClass, NearestPixel, PixelApplicability, PixelSet

NOT_CALIBRATED = (
    "The probabilities are not calibrated, as no labelled pixel was tested in separate places when the model was trained: they rank"
    " the classes, but do not say how likely each is to be right."
)


def probability_text(probability: float) -> str:
    """``87 %``, with a decimal below 10 and above 99."""
    return percent(probability, 0 if 0.1 <= probability <= 0.99 else 1)


def sentences_on(
    classes: Sequence[ExplainedClass],
    pixel_set: PixelSet | None,
    area: PixelApplicability | None,
    nearest: Sequence[NearestPixel],
    before_smoothing: str | None,
) -> list[str]:
    """What speaks for the first of the classes and against it, one sentence each."""
    first = classes[0]
    found = [_on_set(pixel_set), _on_area(area), _on_spectrum(classes), _on_nearest(first.name, nearest)]
    if before_smoothing is not None and before_smoothing != first.name:
        found.append(
            f"Smoothing changed the class: by its own spectrum and surroundings alone the pixel is {before_smoothing}."
        )
    return [sentence for sentence in found if sentence]


def verdict_on(
    classes: Sequence[ExplainedClass],
    pixel_set: PixelSet | None,
    area: PixelApplicability | None,
    nearest: Sequence[NearestPixel],
) -> Verdict:
    """How far the class can be relied on, for the head of a page."""
    first = classes[0]
    headline = f"{first.name}, {probability_text(first.probability)}"
    if area is not None and not area.inside:
        return Verdict(level="warning", headline=headline, text="The model was trained on nothing like this spectrum.")
    if pixel_set is not None and len(pixel_set.values) != 1:
        text = "No class fits well." if not pixel_set.values else f"It may also be {_others(first.name, pixel_set)}."
        return Verdict(level="caution", headline=headline, text=text)
    if pixel_set is not None and first.value not in pixel_set.values:  # a coverage by class, or sets drawn at random
        text = f"The prediction set holds another class: {pixel_set.names[0]}."
        return Verdict(level="caution", headline=headline, text=text)
    if any(one.name is not None for one in nearest) and all(one.name != first.name for one in nearest):
        text = "The training pixels that are most like it are of other classes."
        return Verdict(level="caution", headline=headline, text=text)
    if pixel_set is None or area is None:
        return Verdict(level="caution", headline=headline, text="How far this can be relied on is not fully known.")
    return Verdict(level="good", headline=headline, text="Nothing found here speaks against this class.")


def _others(name: str, pixel_set: PixelSet) -> str:
    return listed([other for other in pixel_set.names if other != name])


def _on_set(pixel_set: PixelSet | None) -> str:
    if pixel_set is None:
        return ""
    share = percent(pixel_set.coverage, 0 if math.isclose(100 * pixel_set.coverage % 1, 0, abs_tol=1e-9) else 1)
    begin = f"The prediction set with a coverage of {share}"
    if not pixel_set.values:
        return f"{begin} is empty: the probability of every class is lower than it usually is for the right one."
    if len(pixel_set.values) == 1:
        return f"{begin} holds {pixel_set.names[0]} only."
    return f"{begin} holds {len(pixel_set.values)} classes: {listed(pixel_set.names)}."


def _on_area(area: PixelApplicability | None) -> str:
    if area is None:
        return ""
    numbers = f"its dissimilarity is {area.dissimilarity:.2f}, the largest inside {area.threshold:.2f}"
    if area.inside:
        return f"The spectrum lies inside the area of applicability, like those of the training pixels: {numbers}."
    return f"The spectrum lies outside the area of applicability: {numbers}. The model has to guess here, however sure it is of it."


def _on_spectrum(classes: Sequence[ExplainedClass]) -> str:
    first, known = classes[0], [c for c in classes if c.distance is not None]
    if len(known) < 2:
        return ""
    closest = min(known, key=lambda c: c.distance if c.distance is not None else math.inf)
    begin = f"Band by band, the spectrum is closest to the mean of {closest.name}"
    away = f"{closest.distance:.1f} standard deviations away in the median band"
    if closest.value == first.value:
        return f"{begin} ({away})."
    own = f"; {first.name}: {first.distance:.1f}" if first.distance is not None else ""
    return f"{begin} ({away}{own}). A model weighs bands against one another, so it may be right all the same."


def _on_nearest(name: str, nearest: Sequence[NearestPixel]) -> str:
    named = [one for one in nearest if one.name is not None]
    if not named:
        return ""
    own = sum(one.name == name for one in named)
    if len(named) == 1:
        return f"The nearest training pixel is {named[0].name}."
    which = "All" if own == len(named) else "None" if not own else f"{own}"
    return f"{which} of the {len(named)} nearest training pixels {'is' if own == 1 or not own else 'are'} {name}."
