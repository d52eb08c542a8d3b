"""Numbers of a result as sentences, for the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..engine.operations import load_operations
from ..forms.choice_labels import label_of
from ..translation import tr

# Below and above these, square metres and square kilometres are easier to read than hectares.
_SMALL_HA, _LARGE_HA = 0.1, 10_000


def percent(share: float | None) -> str:
    """A share as "81.2 %"."""
    return tr("not defined") if share is None else f"{100 * share:.1f} %"


def explained_sentences(explanation: Mapping[str, Any]) -> list[str]:
    """What speaks for the class of a pixel and against it, without "It may also be …" before the set that names the same."""
    sentences = list(explanation["sentences"])
    found, area = explanation.get("prediction_set"), explanation.get("area_of_applicability")
    is_said_twice = found is not None and len(found["names"]) > 1 and (area is None or area["inside"])
    return sentences[1:] if is_said_twice else sentences


def accuracy_sentence(accuracy: Mapping[str, Any]) -> str:
    """Overall and average accuracy and kappa in one line."""
    kappa = accuracy["kappa"]
    return tr("overall accuracy {}, average accuracy {}, kappa {}").format(
        percent(accuracy["overall_accuracy"]),
        percent(accuracy["average_accuracy"]),
        tr("not defined") if kappa is None else f"{kappa:.3f}",
    )


def one_class_sentences(accuracy: Mapping[str, Any]) -> list[str]:
    """The overall accuracy that the most frequent of the tested classes would have everywhere; nothing if one was tested."""
    tested = [row for row in accuracy["classes"] if row["support"]]
    if len(tested) < 2:
        return []
    most = max(tested, key=lambda row: row["support"])
    return [
        tr("Always answering '{}', the most frequent class, would be right for {} of the tested pixels.").format(
            most["name"], percent(most["support"] / accuracy["samples"])
        )
    ]


def training_sentences(training: Mapping[str, Any]) -> list[str]:
    """Which method was taken, how well it did, and on which pixels; why it was taken the engine has said before."""
    test, split = training["test"], training["split"]
    sentences = [
        tr("Method: {}.").format(training["method"]),
        tr("Trained with {:,} labelled pixels.").format(split["train_samples"]),
    ]
    if test is None:
        return sentences
    accuracy = accuracy_sentence(test)
    if split["strategy"] == "folds":
        sentences.append(
            tr("Accuracy in separate places, {:,} pixels tested by models that were trained elsewhere: {}.").format(
                split["test_samples"], accuracy
            )
        )
    else:
        sentences.append(tr("Test on {:,} pixels: {}.").format(split["test_samples"], accuracy))
        sentences.append(_leakage_sentence(split))
    sentences.append(_interval_sentence(training))
    sentences += one_class_sentences(test)
    comparison = training["comparison"]
    if comparison is not None and comparison["test"] is not None:
        sentences.append(
            tr("For comparison, on “{}”: {}.").format(
                _places(comparison["split"]["strategy"]), accuracy_sentence(comparison["test"])
            )
        )
    return sentences


def training_warnings(training: Mapping[str, Any]) -> list[str]:
    """That the accuracy is not known, of the whole or of a class, and what to label."""
    folds, test = training["folds"], training["test"]
    if test is None:
        notes = [] if folds is None else folds["notes"]
        return [note for note in notes if "accuracy" in note] or [
            tr("The accuracy of this model is not known: no labelled pixel was tested.")
        ]
    if folds is None or not folds["untested"]:
        return []
    return [note for note in folds["notes"] if "accuracy is not known" in note]


def _interval_sentence(training: Mapping[str, Any]) -> str:
    """The 95 % interval of the overall accuracy, and whether places or single pixels were drawn for it."""
    folds = training["folds"] if training["split"]["strategy"] == "folds" else None
    found = training["test_intervals"] if folds is None else training["intervals"]
    if found is None:
        low, high = training["test"]["overall_accuracy_interval_95"]
        return tr(
            "95 % interval of the overall accuracy: {} to {}, as if pixels were independent; the true one is wider."
        ).format(percent(low), percent(high))
    low, high = found["overall_accuracy"]["interval_95"]
    unit = training["split"]["unit_name"] if folds is None else folds["unit_name"]
    effect = found["design_effect"]
    text = (
        tr("95 % interval of the overall accuracy: {} to {}, from draws of {:,} whole blocks")
        if unit == "block"
        else tr("95 % interval of the overall accuracy: {} to {}, from draws of {:,} whole polygons")
    ).format(percent(low), percent(high), found["units"])
    return f"{text}." if effect is None else f"{text} ({tr('design effect {:.1f}').format(effect)})."


def _leakage_sentence(split: Mapping[str, Any]) -> str:
    inside, places, near = percent(split["leakage"]), _places(split["strategy"]), split.get("near")
    if near is None:  # of a model that an earlier version has written
        return tr("{} of the test pixels lie inside a patch that was trained on (checked on: {}).").format(
            inside, places
        )
    return tr(
        "{} of the test pixels have a training pixel within two pixels, {} lie inside a patch that was trained on (checked on: {})."
    ).format(percent(near), inside, places)


def _places(strategy: str) -> str:
    """What a form calls the strategy that the engine names in a result."""
    if strategy == "given":
        return tr("your own split")
    return label_of(load_operations()["train_classifier"].parameter("split"), strategy)


def class_lines(classes: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line per class: value, name, area, share of the classified pixels, and their number; the first line is the heading."""
    rows = list(classes)
    total = max(1, sum(row["pixels"] for row in rows))
    hectares = [row["hectares"] for row in rows]
    if None in hectares:
        return [
            tr("Pixels of each class:"),
            *(
                f"{row['value']:>5}  {row['name']}: {row['pixels']:,} px ({percent(row['pixels'] / total)})"
                for row in rows
            ),
        ]
    return [
        tr("Area of each class:"),
        *(
            f"{row['value']:>5}  {row['name']}: {area}, {percent(row['pixels'] / total)} ({row['pixels']:,} px)"
            for row, area in zip(rows, area_texts(hectares))
        ),
    ]


def area_texts(hectares: Sequence[float]) -> list[str]:
    """The areas of a table as "850 m²", "12.3 ha" or "431 km²", all in the unit of the largest, with about three digits."""
    largest = max(hectares, default=0.0)
    unit, factor = ("m²", 10_000.0) if largest < _SMALL_HA else ("ha", 1.0) if largest < _LARGE_HA else ("km²", 0.01)
    return [_amount(area * factor, unit) for area in hectares]


def _amount(amount: float, unit: str) -> str:
    if unit == "m²" or not amount:
        return f"{amount:,.0f} {unit}"
    text = f"{amount:,.{2 if amount < 10 else 1 if amount < 100 else 0}f}"
    return f"{text} {unit}" if float(text.replace(",", "")) else tr("less than {}").format(f"0.01 {unit}")


def training_steps(training: Mapping[str, Any]) -> list[str]:
    """What to label or check, as the engine advises; without what a warning says already."""
    folds = training["folds"]
    said = set() if folds is None else set(folds["notes"])
    return [step for step in training["advice"] if step not in said]


def area_lines(classes: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line per class: value, name, and its area before and after, in pixels if there are no hectares."""
    rows = list(classes)
    hectares = [row[f"hectares_{when}"] for row in rows for when in ("before", "after")]
    if None in hectares:
        amounts = [f"{row[f'pixels_{when}']:,} px" for row in rows for when in ("before", "after")]
    else:
        amounts = area_texts(hectares)
    lines = []
    for row, before, after in zip(rows, amounts[::2], amounts[1::2]):
        line = f"{row['value']:>5}  {row['name']}: {before} ({percent(row['share_before'])})"
        if row["pixels_before"] != row["pixels_after"]:
            line += f" → {after} ({percent(row['share_after'])})"
        lines.append(line)
    return lines
