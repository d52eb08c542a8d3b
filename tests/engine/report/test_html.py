"""The report as a page: complete, self-contained, and honest about what its figures are worth."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.accuracy import Accuracy, accuracy_from_indices
from hsi_engine.pixels.grid import Grid
from hsi_engine.report.content import (
    Assessment,
    FactTable,
    FalseColour,
    LearningCurves,
    MapPicture,
    ReportContent,
    SplitSummary,
)
from hsi_engine.report.html import map_view, render_report
from hsi_engine.report.wording import percent

LEGEND = Legend.of({2: "water", 5: 'Wald & <Wiese> "$x^2$"', 11: "a long name of a class " * 4})
GRID = Grid(crs="EPSG:32633", transform=Affine(30, 0, 364000, 0, -30, 5810000), shape=(40, 70))
RANDOM = SplitSummary(
    strategy="random",
    train_samples=100,
    validation_samples=0,
    test_samples=900,
    leakage=0.9987,
    overlap=1.0,
    patch_size=25,
)
BLOCKS = SplitSummary(
    strategy="blocks",
    train_samples=100,
    validation_samples=0,
    test_samples=800,
    removed_samples=77,
    guard_px=12,
    leakage=0.0,
    overlap=0.0,
    patch_size=25,
)


class Page(HTMLParser):
    """Text, links and unclosed elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def accuracy(legend: Legend = LEGEND, share: float = 0.8, seed: int = 0) -> Accuracy:
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, len(legend), 500)
    predicted = np.where(rng.random(500) < share, reference, rng.integers(-1, len(legend), 500))
    return accuracy_from_indices(reference, predicted, legend)


def map_picture() -> MapPicture:
    values = np.random.default_rng(1).choice([0, 2, 5, 11], GRID.shape)
    scene = FalseColour(rgb=np.zeros((*GRID.shape, 3), np.uint8), caption="red band 3")
    pixels = [int((values == value).sum()) for value in LEGEND.values]
    return MapPicture(values=values, legend=LEGEND, grid=GRID, class_pixels=pixels, false_colour=scene)


@pytest.fixture(scope="module")
def full_page() -> str:
    return render_report(
        ReportContent(
            title="Map & <title>",
            subtitle="A subtitle.",
            created="today",
            assessments=(
                Assessment(name="Random split", accuracy=accuracy(), split=RANDOM),
                Assessment(name="Spatial blocks", accuracy=accuracy(share=0.5), split=BLOCKS),
            ),
            map_picture=map_picture(),
            curves=LearningCurves(
                epochs=(1, 2), loss={"training": [1.0, 0.5]}, accuracy={"training": [0.5, 0.7]}, best_epoch=2
            ),
            facts=(FactTable(title="Settings", rows=(("Seed", "0"), ("Class field", "<field>"))),),
            notes=("Bands 130–135 are left out.",),
        )
    )


def test_the_page_is_whole_and_needs_nothing_else(full_page: str) -> None:
    page = Page(full_page)
    assert page.open == []
    assert len(page.addresses) == 5, "two heat maps, curves, scene and map"
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert "<script" not in full_page
    assert "url(" not in full_page
    assert "@import" not in full_page


def test_everything_is_on_the_page(full_page: str) -> None:
    text = Page(full_page).text
    for words in (
        "Map & <title>",
        "A subtitle.",
        'Wald & <Wiese> "$x^2$"',
        "Random split",
        "Spatial blocks",
        "Learning curves",
        "Class field <field>",
        "Bands 130–135 are left out.",
        "A guard of 12 pixels",
        "Wilson, E. B. (1927)",
        "500 m",
        "red band 3",
    ):
        assert words in text, words


def test_figures_are_those_of_the_accuracy() -> None:
    figures = accuracy()
    text = Page(render_report(ReportContent(title="t", assessments=(Assessment(name="a", accuracy=figures),)))).text
    low, high = figures.overall_accuracy_interval
    assert f"Overall accuracy {100 * figures.overall_accuracy:.2f} %" in text
    assert f"95 % interval {100 * low:.2f}–{100 * high:.2f} %" in text
    assert f"Kappa {figures.kappa:.4f}" in text
    water = figures.confusion[0]
    assert f"2 water {' '.join(map(str, water))} {figures.unclassified[0]} {figures.support[0]}" in text


def test_a_leaking_split_is_warned_of(full_page: str) -> None:
    assert full_page.count('class="box warning"') == 1
    assert "This split leaks: 99.9 % of the test pixels lie inside a training patch" in full_page
    assert full_page.count('class="box good"') == 1


def test_an_empty_report_is_a_page() -> None:
    page = Page(render_report(ReportContent(title="Nothing")))
    assert page.open == []
    assert page.text == "Nothing Nothing"


@pytest.mark.parametrize("classes", [1, 2, 16, 41])
def test_any_number_of_classes(classes: int) -> None:
    legend = Legend.of({3 * i + 1: f"class {i}" for i in range(classes)})
    content = ReportContent(title="t", assessments=(Assessment(name="a", accuracy=accuracy(legend)),))
    page = Page(render_report(content))
    assert page.open == []
    assert f"{3 * classes - 2} class {classes - 1}" in page.text


def test_what_is_not_defined_is_a_dash() -> None:
    nothing = accuracy_from_indices(np.array([0, 0]), np.array([0, 0]), LEGEND)
    html = render_report(ReportContent(title="t", assessments=(Assessment(name="a", accuracy=nothing),)))
    assert "Kappa –" in Page(html).text
    assert not re.search(r"\bnan\b", Page(html).text)


def test_the_same_content_gives_the_same_page(full_page: str) -> None:
    content = ReportContent(
        title="t", assessments=(Assessment(name="a", accuracy=accuracy()),), map_picture=map_picture()
    )
    assert render_report(content) == render_report(content)


def test_shares_are_those_of_the_whole_map_whatever_is_shown_of_it() -> None:
    thinned = np.full((4, 3), LEGEND.values[0])
    picture = MapPicture(values=thinned, legend=LEGEND, grid=GRID, class_pixels=(30, 0, 10))
    assert [row["share"] for row in map_view(picture)["legend"]] == [percent(0.75), percent(0.0), percent(0.25)]
