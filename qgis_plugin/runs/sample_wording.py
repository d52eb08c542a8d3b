"""What a sample of reference points says of a map, as lines of the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..translation import tr
from .wording import percent


def sample_lines(sample: Mapping[str, Any]) -> list[str]:
    """A line per class, other map and pair of interpreters; how accurate the map is the engine has said as it worked."""
    lines = [_class_line(c) for c in sample["classes"]]
    lines += [
        tr("{map}: {share} of its area is mapped correctly (95 % interval {interval}).").format(
            map=other["map"], share=percent(other["overall"]["value"]), interval=_interval(other["overall"])
        )
        for other in sample["other_maps"]
    ]
    lines += [
        tr("{first} less {second}: {difference} (95 % interval {interval}).").format(
            first=pair["first"],
            second=pair["second"],
            difference=percent(pair["difference"]),
            interval=_interval(pair),
        )
        for pair in sample["differences"]
    ]
    lines += [
        tr("Interpreters {first} and {second} agree on {agree:,} of {points:,} points.").format(**pair)
        for pair in sample["interpreters"]
    ]
    return lines


def _class_line(item: Mapping[str, Any]) -> str:
    line = tr(
        "{value}  {name}: user's accuracy {users} ({users_interval}), producer's accuracy {producers} ({producers_interval})"
    )
    text = line.format(
        value=item["value"],
        name=item["name"],
        users=percent(item["users_accuracy"]["value"]),
        users_interval=_interval(item["users_accuracy"]),
        producers=percent(item["producers_accuracy"]["value"]),
        producers_interval=_interval(item["producers_accuracy"]),
    )
    area, mapped = item["area_ha"], item["mapped_ha"]
    if area is None:
        share = item["area_share"]
        return f"{text}, " + tr("true share {} ({})").format(percent(share["value"]), _interval(share))
    bounds = area["interval_95"]
    interval = tr("not known") if bounds is None else tr("{:,.1f} to {:,.1f}").format(*bounds)
    shown = tr("not known") if mapped is None else tr("{:,.1f} ha").format(mapped)
    return f"{text}, " + tr("true area {:,.1f} ha ({}), mapped {}").format(area["value"], interval, shown)


def _interval(figure: Mapping[str, Any]) -> str:
    bounds = figure["interval_95"]
    return tr("not known") if bounds is None else tr("{:.1f} to {:.1f} %").format(*(100 * bound for bound in bounds))
