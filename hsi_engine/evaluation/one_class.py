"""The least that a map has to beat: giving every pixel the class that is most frequent among those it is tested on.

That share is also the highest overall accuracy that a map of one class only could have on the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass

from .accuracy import Accuracy


@dataclass(frozen=True, kw_only=True)
class OneClassBaseline:
    """The overall accuracy that a single class would have everywhere.

    Parameters
    ----------
    name : the most frequent class among the samples; the first of equals.
    share : of the samples that are of this class, 0 to 1.
    """

    name: str
    share: float

    @property
    def text(self) -> str:
        """The figure as a sentence."""
        return (
            f"Always answering “{self.name}”, the most frequent class, would be right for {_percent(self.share)} of the"
            " tested pixels."
        )


def one_class_baseline(accuracy: Accuracy) -> OneClassBaseline | None:
    """The baseline on the samples of an accuracy; None if they are of fewer than two classes, which one class gets right."""
    support = accuracy.support
    if (support > 0).sum() < 2:
        return None
    index = int(support.argmax())
    return OneClassBaseline(name=accuracy.legend.names[index], share=int(support[index]) / accuracy.samples)


def no_better_than_one_class(accuracy: Accuracy, subject: str) -> str:
    """A warning if the overall accuracy is not above that of one class everywhere; empty if it is.

    Parameters
    ----------
    subject : what was tested, such as "model".
    """
    found = one_class_baseline(accuracy)
    if found is None or accuracy.correct > round(found.share * accuracy.samples):
        return ""
    return (
        f"The {subject} is no better than one class everywhere: {_percent(accuracy.overall_accuracy)} of the tested pixels"
        f" are right, and always answering “{found.name}”, the most frequent class, would be right for"
        f" {_percent(found.share)}. Do not rely on the {subject} before you have checked the labels."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
