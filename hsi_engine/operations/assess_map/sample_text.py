"""What a sample says of a map, for a person reading a terminal; from the plain values of :mod:`.sampled.figures`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...phrases import counted, shortened

Json = Mapping[str, Any]
_DESIGNS = {
    "simple": "simple random points",
    "systematic": "points of a regular grid, computed as simple random ones (the true uncertainty is usually smaller)",
    "stratified": "random points within strata",
    "post_stratified": "simple random points, weighted by the classes of the map",
}


def design_words(design: str) -> str:
    """A design for a sentence: "random points within strata"."""
    return _DESIGNS.get(design, design)


def headline(sample: Json) -> str:
    """The answer in a sentence: how accurate this map is."""
    overall = sample["overall"]
    share = percent(overall["value"])
    if overall["interval_95"] is None:
        return f"How accurate is this map? {share} of {region_words(sample)} is mapped correctly; its interval is not known."
    return (
        f"How accurate is this map? {share} of {region_words(sample)} is mapped correctly"
        f" (95 % interval {interval(overall)})."
    )


def region_words(sample: Json) -> str:
    """What the figures are of: "its area", "its area with a class", or "the sampled part (377 of 1,659 ha)"."""
    if not sample["part_of_map"]:
        return "its area with a class" if sample["unclassified"]["left_out"] else "its area"
    share, region, whole = sample["sampled_share"], sample["region_ha"], sample["map_ha"]
    if share is None:
        return "the sampled part"
    if region is None or whole is None:
        return f"the sampled part ({percent(share)} of the map)"
    digits = 0 if region >= 100 else 1 if region >= 1 else 3
    return f"the sampled part ({region:,.{digits}f} of {whole:,.{digits}f} ha)"


def part_words(sample: Json) -> str:
    """As :func:`region_words`, without the areas."""
    return "the sampled part" if sample["part_of_map"] else "its area"


def basis(sample: Json) -> str:
    """What the answer rests on."""
    text = f"From {counted(sample['counted'], 'labelled point')}: {design_words(sample['design'])}."
    if sample["unlabelled"]:
        text += f" {counted(sample['unlabelled'], 'point')} of the sample {'has' if sample['unlabelled'] == 1 else 'have'} no class."
    return text


def sample_text(sample: Json) -> list[str]:
    """The lines for a terminal."""
    width = max(5, *(len(shortened(c["name"])) for c in sample["classes"]))
    lines = [headline(sample), basis(sample), ""]
    lines += [
        f"  value  {'class':<{width}}  {'user’s accuracy':>22}  {'producer’s accuracy':>22}  {_area_title(sample):>26}  mapped"
    ]
    lines += [_class_line(sample, c, width) for c in sample["classes"]]
    for other in sample["other_maps"]:
        lines += [
            "",
            f"{other['map']}: {percent(other['overall']['value'])} of {part_words(sample)} is mapped correctly ({_range(other['overall'])}).",
        ]
    for pair in sample["differences"]:
        lines += [difference_words(pair)]
    for pair in sample["interpreters"]:
        lines += [agreement_words(pair)]
    return lines


def difference_words(pair: Json) -> str:
    """Which of two maps is better, and whether chance explains it."""
    points = 100 * abs(pair["difference"])
    better, worse = (pair["first"], pair["second"]) if pair["difference"] >= 0 else (pair["second"], pair["first"])
    if not points:
        return f"{pair['first']} and {pair['second']} map the same share correctly."
    bounds = "not known" if pair["interval_95"] is None else _signed(pair)
    chance = "" if pair["p_holm"] is None else f", {_p_value(pair['p_holm'])}"
    return f"{better} maps {points:.1f} percentage points more of the area correctly than {worse} (95 % interval {bounds}{chance})."


def _p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _signed(pair: Json) -> str:
    low, high = (100 * bound for bound in pair["interval_95"])
    if pair["difference"] < 0:
        low, high = -high, -low
    return f"{low:.1f} to {high:.1f} points".replace("-", "−")


def agreement_words(pair: Json) -> str:
    """How far two interpreters agree."""
    names = f"Interpreters {pair['first']} and {pair['second']}"
    if not pair["points"]:
        return f"{names} labelled no point in common."
    kappa = "not defined" if pair["kappa"] is None else f"{pair['kappa']:.2f}"
    return f"{names} agree on {pair['agree']:,} of {counted(pair['points'], 'point')} ({percent(pair['share'])}, kappa {kappa})."


def percent(share: float | None) -> str:
    """``93.4 %``; a dash for what is not known."""
    return "–" if share is None else f"{100 * share:.1f} %"


def interval(figure: Json) -> str:
    """``91.2 to 95.1 %`` of a figure with an interval; empty without one."""
    if figure["interval_95"] is None:
        return ""
    low, high = (100 * bound for bound in figure["interval_95"])
    return f"{low:.1f} to {high:.1f} %".replace("-", "−")


def hectares(area: Json) -> str:
    """``1,234 ha (1,100 to 1,400)``."""
    if area["interval_95"] is None:
        return f"{_amount(area['value'])} ha"
    low, high = area["interval_95"]
    return f"{_amount(area['value'])} ha ({_amount(low)} to {_amount(high)})"


def _amount(number: float) -> str:
    digits = 0 if abs(number) >= 1000 else 1 if abs(number) >= 10 else 2
    return f"{number:,.{digits}f}".replace("-", "−")


def _range(figure: Json) -> str:
    return f"95 % interval {interval(figure) or 'not known'}"


def _area_title(sample: Json) -> str:
    return "true share" if sample["region_ha"] is None else "true area"


def _class_line(sample: Json, c: Json, width: int) -> str:
    users, producers = (_with_interval(c[name]) for name in ("users_accuracy", "producers_accuracy"))
    by_share = sample["region_ha"] is None
    area = _with_interval(c["area_share"]) if by_share else hectares(c["area_ha"])
    mapped = c["mapped_share"] if by_share else c["mapped_ha"]
    shown = "–" if mapped is None else percent(mapped) if by_share else f"{_amount(mapped)} ha"
    return f"  {c['value']:>5}  {shortened(c['name']):<{width}}  {users:>22}  {producers:>22}  {area:>26}  {shown}"


def _with_interval(figure: Json) -> str:
    bounds = interval(figure).removesuffix(" %")
    return f"{percent(figure['value'])} ({bounds})" if bounds else percent(figure["value"])
