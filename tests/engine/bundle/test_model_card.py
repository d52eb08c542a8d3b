"""The page inside a model file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_card import model_card
from hsi_engine.classes.legend import Legend


def test_card_in_the_file_says_what_the_model_is_for(model_path: Path) -> None:
    with zipfile.ZipFile(model_path) as archive:
        card = archive.read("MODEL_CARD.md").decode()
    for words in (
        "# Model card: HybridSN",
        "Maps 3 classes",
        "| 2 | water | #0072b2 |",
        r"| 5 | Wiese \| Weide |",
        "- Bands: 15 of the 17 of the training scene, 430.0 to 580.0 nm",
        "- Patch: 9×9 pixels",
        "| test | 0.9712 | – | 0.9655 |",
        "Split into training and test samples: random. 87.5 % of the test samples lie inside some training patch",
        "## Intended use and limits",
        "- Seen by the classifier: 13 principal components, whitened, fitted to 200 pixels",
        "- member 1.options.batch_norm: True",
        "- settings.epochs: 3",
        "- torch: 2.13.0",
    ):
        assert words in card
    assert "curve" not in card


def test_card_of_a_model_without_record(make_bundle: Callable[..., ModelBundle]) -> None:
    card = model_card(make_bundle(wavelengths=False, training={}, metrics={}))
    assert "Not measured." in card
    assert "wavelengths unknown" in card
    assert "## Versions" not in card
    assert "Split into" not in card


def test_card_claims_no_leakage_where_there_is_none(make_bundle: Callable[..., ModelBundle]) -> None:
    split = {"strategy": "blocks", "leakage": 0.0}
    card = model_card(make_bundle(training={"split": split}))
    assert card.count("training patch") == 0
    assert "samples: blocks." in card


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "<iframe src=http://127.0.0.1/>",
        "![x](http://127.0.0.1/x.png)",
        "[here](http://127.0.0.1/)",
        "<http://127.0.0.1/>",
        "`code` and \\![x](http://127.0.0.1/)",
        "*bold* _slanted_ ~~gone~~ &amp; | cell",
    ],
)
def test_names_are_shown_as_they_are_and_become_no_markup(make_bundle: Callable[..., ModelBundle], name: str) -> None:
    legend = Legend.of({2: name, 5: "soil", 11: "x"})
    about = {"title": name, "data": name, "terms": name, "limits": name}
    bundle = replace(make_bundle(training={"about": about, "settings": {"scene": name}}), legend=legend)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(model_card(bundle))
    inline = [token for block in tokens for token in block.children or ()]
    assert {token.type for token in [*tokens, *inline]} & {"html_block", "html_inline", "image", "link_open"} == set()
    assert "code_inline" not in {token.type for token in inline}
    shown = ["".join(token.content for token in block.children or ()) for block in tokens if block.type == "inline"]
    assert shown[0] == f"Model card: {name}"
    assert name in shown  # the cell of the table
    assert f"settings.scene: {name}" in shown
