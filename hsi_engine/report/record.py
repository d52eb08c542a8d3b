"""From the training record of a model to the parts of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from .content import FactTable, LearningCurves, SplitSummary

# Settings that are names of files stand in the table of inputs.
_FILES = ("scene", "labels", "second", "legend", "split_source", "map", "reference", "model")


def split_of_record(training: Mapping[str, Any], patch_size: int | None = None) -> SplitSummary | None:
    """The split a model was trained with; None if its record does not state it."""
    split = training.get("split")
    return SplitSummary.from_json(split, patch_size) if isinstance(split, Mapping) else None


def curves_of_record(training: Mapping[str, Any]) -> LearningCurves | None:
    """The learning curves in a training record; None if there are none."""
    history = training.get("history")
    if not history:
        return None
    split, of = training.get("split"), training.get("history_of")
    named: Mapping[str, Any] = of if isinstance(of, Mapping) else {}
    return replace(
        LearningCurves.from_history(history, training.get("best_epoch")),
        network=str(named.get("network", "")),
        networks=int(named.get("networks", 1)),
        trained_on_all=isinstance(split, Mapping) and split.get("strategy") in ("folds", "none"),
    )


@dataclass(frozen=True, kw_only=True)
class SettingWords:
    """What people call a setting, and the words for its choices."""

    title: str
    choices: Mapping[str, str]


def facts_of_record(
    training: Mapping[str, Any], words: Mapping[str, SettingWords] | None = None
) -> tuple[FactTable, ...]:
    """Settings, machine, inputs and versions in a training record, as tables; empty ones are left out.

    Parameters
    ----------
    words : of settings by name; others are called by their names.
    """
    # What was not given is left out: it has a default that follows from other settings or from the data.
    unused = _FILES + _unused_settings(training)
    settings = {k: v for k, v in training.get("settings", {}).items() if k not in unused and v is not None}
    run = {name: training[name] for name in ("device", "precision", "best_epoch") if training.get(name) is not None}
    if training.get("world_size", 1) > 1:
        run["processes"] = training["world_size"]
    if "seconds" in training:
        run["duration"] = _duration(float(training["seconds"]))
    names = training.get("settings", {})
    inputs = {
        name: " · ".join(filter(None, [PurePath(str(names.get(name) or "")).name, f"SHA-256 {digest}"]))
        for name, digest in training.get("inputs", {}).items()
    }
    tables = (
        _settings_table(settings, words or {}),
        fact_table("Run", run),
        fact_table("Versions", training.get("versions", {}), as_labels=False),
        fact_table("Inputs", inputs),
    )
    return tuple(table for table in tables if table.rows)


def _settings_table(settings: Mapping[str, Any], words: Mapping[str, SettingWords]) -> FactTable:
    rows = []
    for name, value in settings.items():
        known = words.get(name)
        shown = _text(value) if known is None else known.choices.get(str(value), _text(value))
        rows.append((_label(name) if known is None else known.title, shown))
    return FactTable(title="Settings", rows=tuple(rows))


def _unused_settings(training: Mapping[str, Any]) -> tuple[str, ...]:
    """Shares of a split, if no split was made: read as facts, they would contradict the report."""
    split, settings = training.get("split"), training.get("settings", {})
    all_trained = isinstance(split, Mapping) and split.get("strategy") in ("folds", "none")
    compared = settings.get("compare_split", "none") != "none"
    return ("train_share", "validation_share") if all_trained and not compared else ()


def fact_table(title: str, facts: Mapping[str, Any], *, as_labels: bool = True) -> FactTable:
    """Plain values as a table; ``class_field`` becomes “Class field” if the names are to be labels."""
    return FactTable(
        title=title,
        rows=tuple((_label(name) if as_labels else name, _text(value)) for name, value in facts.items()),
    )


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{_label(str(k)).lower()} {_text(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(item) for item in value)
    return str(value)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
