"""The page on labels: the verdict first, nothing beside the file, names escaped, numbers never rounded up."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import make_scenes
from hsi_engine.classes.legend import Legend, LegendClass
from hsi_engine.label_check.findings import CheckVerdict, ClassSummary, Finding, LabelCheck, PairSummary
from hsi_engine.label_check.separability import jeffries_matusita
from hsi_engine.label_check.verdict import pair_text
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.report.figures.labels import band_axis, value_limits
from hsi_engine.report.pages.labels import LabelPage, error_bounds, render_label_page


def summary(value: int, name: str, **changes: Any) -> ClassSummary:
    values: dict[str, Any] = {
        "features": 3,
        "pixels": 1234,
        "pixels_without_data": 0,
        "area_m2": 1234 * 900.0,
        "places": 2,
        "tested": True,
        "mean": np.linspace(0.1, 0.4, 5) * value,
        "deviation": np.full(5, 0.02),
        "recognised": 0.75,
        "taken_for": None,
        "advice": (),
    }
    return ClassSummary(item=LegendClass(value=value, name=name, colour="#0072b2"), **{**values, **changes})


def pair(a: ClassSummary, b: ClassSummary, distance: float) -> PairSummary:
    names = (a.item.name, b.item.name)
    told_apart, text = pair_text(names, distance)
    return PairSummary(
        values=(a.item.value, b.item.value), names=names, distance=distance, told_apart=told_apart, text=text
    )


def sample_set() -> SampleSet:
    legend = Legend((summary(1, "grass & <herbs>").item, summary(4, "soil").item))
    return SampleSet(rows=[0, 1, 5], cols=[2, 2, 8], classes=[0, 0, 1], groups=[1, 1, 2], legend=legend)


def label_check(**changes: Any) -> LabelCheck:
    grass, soil = summary(1, "grass & <herbs>"), summary(4, "soil")
    values: dict[str, Any] = {
        "verdict": CheckVerdict(
            can_train=True,
            can_test=True,
            level="caution",
            text="You can train now, but slowly. What would help most: more soil.",
            advice=("Draw more soil.", "Look at it."),
        ),
        "feature_word": "polygon",
        "classes": (grass, soil),
        "bands": (0, 1, 4, 5, 6),
        "wavelength_nm": (500.0, 510.0, 520.0, 530.0, 540.0, 550.0, 560.0),
        "pairs": (pair(grass, soil, 0.999),),
        "components": 3,
        "explained": 0.987,
        "unsearched": ("soil",),
        "overall_accuracy": 0.75,
        "average_accuracy": 0.7,
        "findings": (Finding(feature=12, value=4, kind="tiny", reason="Smaller than a <pixel>."),),
        "folds": {},
        "examined": 2468,
        "notes": ("One & all.",),
    }
    return LabelCheck(**{**values, **changes})


def page(**changes: Any) -> str:
    return render_label_page(
        LabelPage(
            scene="scene.tif",
            labels="fields <2024>.gpkg",
            created="2025-06-01",
            check=(check := label_check(**changes)),
            grid=Grid(crs="EPSG:32633", transform=make_scenes.SOUTH_UP, shape=(12, 10)),
            samples=sample_set(),
            centres=np.full((len(check.findings), 2), 5.5),
            problems=None,
            facts=(),
        )
    )


def test_the_verdict_comes_first_and_its_level_is_seen() -> None:
    text = page()
    body = text[text.index("<body>") :]
    assert re.search(r'<div class="verdict-box caution" role="note"><h2>You can train now, but slowly\.</h2>', body)
    assert body.index("You can train now") < body.index("What would help most: more soil.") < body.index("Classes</h2>")


def test_nothing_is_loaded_and_names_are_escaped() -> None:
    text = page()
    assert "<herbs>" not in text
    assert "grass &amp; &lt;herbs&gt;" in text
    assert "fields &lt;2024&gt;.gpkg" in text
    assert "Smaller than a &lt;pixel&gt;." in text
    assert {source[:22] for source in re.findall(r'src="([^"]*)"', text)} == {"data:image/png;base64,"}
    assert "<script" not in text
    assert "http" not in text.replace('http-equiv="', "")


def test_a_distance_is_not_rounded_up_to_a_limit_it_does_not_reach() -> None:
    text = page()
    assert "<td>0.99</td>" in text
    assert "1.00" not in text


def test_what_is_not_known_is_said() -> None:
    lost = summary(9, "rock", pixels=0, mean=None, deviation=None, recognised=None, tested=False, places=0)
    text = page(classes=(*label_check().classes, lost), overall_accuracy=None, average_accuracy=None)
    assert text.count("not known") >= 2
    assert "Ledoit" not in text
    text = page(findings=(), pairs=())
    assert "None: no overlaps, duplicates, odd spectra or polygons without a pixel were found." in text
    assert "Not searched for odd spectra, which needs five polygons per class: soil." in text
    assert "Can the classes be told apart?" not in text
    assert "None: no odd spectra were found." in page(findings=(), feature_word="region")


def test_very_many_findings_are_counted() -> None:
    many = tuple(Finding(feature=n, value=4, kind="tiny", reason="Small.") for n in range(1, 302))
    text = page(findings=many)
    assert text.count('<td class="kind">') == 200
    assert "101 more are not shown." in text
    assert "<b>301</b>Smaller than a pixel" in text


def test_bands_that_are_not_used_are_gaps_of_the_axis() -> None:
    x, gaps = band_axis(label_check())
    assert x.tolist() == [500, 510, 540, 550, 560]
    assert gaps == [(515, 535)]
    x, gaps = band_axis(label_check(wavelength_nm=(None,) * 7))
    assert x.tolist() == [1, 2, 5, 6, 7]
    assert gaps == [(2.5, 4.5)]
    assert "wavelength" not in page(wavelength_nm=(None,) * 7).partition("<figcaption>")[0]


def test_a_stretch_without_bands_is_a_gap_too() -> None:
    known = (500.0, 510.0, 520.0, 900.0, 910.0, 920.0, 930.0)
    _, gaps = band_axis(label_check(wavelength_nm=known, bands=(0, 1, 2, 3, 4)))
    assert gaps == [(525, 895), (915, 935)]


def test_a_band_that_would_squeeze_the_others_is_named() -> None:
    bands = tuple(range(60))
    mean = np.linspace(0.1, 0.4, 60)
    calm = summary(1, "a", mean=mean, deviation=np.full(60, 0.02))
    spike = summary(4, "b", mean=np.where(np.arange(60) == 41, 2.0, mean), deviation=np.full(60, 0.02))
    known = {"bands": bands, "wavelength_nm": (None,) * 60}
    assert value_limits(label_check(classes=(calm,), **known)) == (None, [])
    limits, beyond = value_limits(label_check(classes=(calm, spike), **known))
    assert limits is not None
    assert 0.4 < limits[1] < 0.6
    assert beyond == [42]
    assert "Off the charts: band 42." in page(classes=(calm, spike), pairs=(), findings=(), **known)


@pytest.mark.parametrize("step", [0.5, 1.0, 2.0, 4.0])
def test_the_error_of_an_ideal_classifier_lies_within_its_bounds(step: float) -> None:
    distance = jeffries_matusita(np.zeros(1), np.eye(1), np.array([step]), np.eye(1))
    low, high = error_bounds(distance)
    exact = (1 - math.erf(step / 2 / math.sqrt(2))) / 2
    assert low <= exact <= high
    assert error_bounds(0.0) == (0.5, 0.5)
    assert error_bounds(2.0) == (0.0, 0.0)
