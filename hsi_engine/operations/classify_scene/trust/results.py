"""What a map says of where its model may be trusted: counts of its rasters as a result, and in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....bundle.model_bundle import ModelBundle
from ....evaluation.trust.coverage import realised_coverage
from ....io.maps.unfinished_map import FinishedTile
from ....phrases import listed
from ....report.wording import percent, percent_range
from ....reporting import Reporter
from ..operation import SET_METHODS, ClassifySceneParams

_SEED = 0
_OF_SETS = ("coverage", "set_method")


@dataclass(frozen=True, kw_only=True)
class TrustResults:
    """Fields of a result; each None if no raster of it was asked for.

    Parameters
    ----------
    area : ``area_of_applicability``.
    sets : ``prediction_sets``.
    unused : sentences on settings of what was not asked for.
    """

    area: dict[str, Any] | None = None
    sets: dict[str, Any] | None = None
    unused: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The same for people."""
        area = [] if self.area is None else [_sentence_on_area(self.area)]
        return area + ([] if self.sets is None else _sentences_on_sets(self.sets)) + list(self.unused)


def trust_results(
    params: ClassifySceneParams, bundle: ModelBundle, tiles: Sequence[FinishedTile], reporter: Reporter
) -> TrustResults:
    """From what was counted in the tiles of a map; the log gets its sentences."""
    tallies = _tallies(tiles)
    inside = next((tallies[name] for name in ("applicability", "dissimilarity") if name in tallies), None)
    sizes = next((tallies[name] for name in ("set_size", "sets") if name in tallies), None)
    found = TrustResults(
        area=None if inside is None else _area(bundle, inside),
        sets=None if sizes is None else _sets(params, bundle, sizes),
        unused=() if params.set_size or params.sets else _unused(params),
    )
    for sentence in found.sentences:
        reporter.log(sentence)
    return found


def _unused(params: ClassifySceneParams) -> tuple[str, ...]:
    """On settings of prediction sets, if no raster of them was asked for."""
    given = [name for name in _OF_SETS if getattr(params, name) != type(params).model_fields[name].default]
    if not given:
        return ()
    what = f"{listed([repr(name) for name in given])} {'is' if len(given) == 1 else 'are'} about prediction sets"
    return (f"Not used: {what}, and neither 'set_size' nor 'sets' was asked for.",)


def _tallies(tiles: Sequence[FinishedTile]) -> dict[str, tuple[int, ...]]:
    """What products counted, over all tiles; tiles without data counted nothing."""
    names = {name for tile in tiles for name in tile.tallies}
    return {
        name: tuple(np.sum([tile.tallies[name] for tile in tiles if name in tile.tallies], axis=0).tolist())
        for name in names
    }


def _area(bundle: ModelBundle, inside_and_outside: tuple[int, ...]) -> dict[str, Any] | None:
    known, (inside, outside) = bundle.trust.known, inside_and_outside
    if known is None:
        return None
    return {
        "inside_pixels": inside,
        "outside_pixels": outside,
        "outside_share": outside / max(1, inside + outside),
        "threshold": known.area.threshold,
        "training_pixels": known.training_pixels,
        "apart": known.apart,
    }


def _sets(params: ClassifySceneParams, bundle: ModelBundle, sizes: tuple[int, ...]) -> dict[str, Any] | None:
    calibrated = bundle.trust.calibrated
    if calibrated is None:
        return None
    found = realised_coverage(calibrated.scores, params.set_method, params.coverage, seed=_SEED)
    total = max(1, sum(sizes))
    return {
        "coverage": params.coverage,
        "method": params.set_method,
        "calibration_pixels": len(calibrated.scores),
        "unit_name": calibrated.unit_name,
        "out_of_fold": found.to_json(bundle.legend.names),
        "set_sizes": list(sizes),
        "one_class_share": sizes[1] / total,
        "several_classes_share": sum(sizes[2:]) / total,
        "empty_share": sizes[0] / total,
    }


def _sentence_on_area(area: Mapping[str, Any]) -> str:
    share = percent(area["outside_share"])
    return f"{share} of the map lies outside the area of applicability: as far as spectra tell, it is unlike the training pixels."


def _sentences_on_sets(sets: Mapping[str, Any]) -> list[str]:
    tested, unit = sets["out_of_fold"], sets["unit_name"]
    interval = None if tested["interval_95"] is None else percent_range(tuple(tested["interval_95"]))
    realised = f"{percent(tested['realised'])} of the tested pixels" + (
        f" (95 % interval {interval})" if interval else ""
    )
    among = f", in the median {unit} of {percent(tested['of_units']['median'])}" if unit != "pixel" else ""
    sentences = [
        f"Prediction sets ({SET_METHODS[sets['method']].lower()}) with a coverage of {percent(sets['coverage'])}: out of fold"
        f" they held the right class of {realised}{among}. In the map, {percent(sets['one_class_share'])} of the pixels have"
        f" one class, {percent(sets['several_classes_share'])} several and {percent(sets['empty_share'])} none."
    ]
    if lacking := tested["without_own_threshold"]:
        sentences.append(
            f"Too few tested pixels for a separate threshold: {listed(lacking)}. The sets use that of all classes together"
            " for them, and their coverage may be another one."
        )
    return sentences
