"""Numbers of a result in words, for the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..translation import tr


def percent(share: float | None) -> str:
    """A share as "81.2 %"."""
    return tr("not defined") if share is None else f"{100 * share:.1f} %"


def accuracy_sentence(accuracy: Mapping[str, Any]) -> str:
    """Overall and average accuracy and kappa in one line."""
    kappa = accuracy["kappa"]
    return tr("overall accuracy {}, average accuracy {}, kappa {}").format(
        percent(accuracy["overall_accuracy"]),
        percent(accuracy["average_accuracy"]),
        tr("not defined") if kappa is None else f"{kappa:.3f}",
    )


def test_sentences(training: Mapping[str, Any]) -> list[str]:
    """How well a trained model did on pixels it had not seen, and how far away those were."""
    test, split = training["test"], training["split"]
    if test is None:
        return [tr("No labelled pixel was left for a test: the accuracy of this model is not known.")]
    sentences = [
        tr("Test on {:,} pixels: {}.").format(split["test_samples"], accuracy_sentence(test)),
        tr("{} of the test pixels lie inside a patch that the network was trained on (split: {}).").format(
            percent(split["leakage"]), split["strategy"]
        ),
    ]
    comparison = training["comparison"]
    if comparison is not None and comparison["test"] is not None:
        sentences.append(
            tr("For comparison, with the split “{}”: {}.").format(
                comparison["split"]["strategy"], accuracy_sentence(comparison["test"])
            )
        )
    return sentences


def class_lines(classes: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line a class: value, name, pixels and their share of the classified pixels."""
    rows = list(classes)
    total = max(1, sum(row["pixels"] for row in rows))
    return [
        f"{row['value']:>5}  {row['name']}: {row['pixels']:,} px ({percent(row['pixels'] / total)})" for row in rows
    ]
