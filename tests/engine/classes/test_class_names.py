"""When two names are the same, and which say nothing."""

from __future__ import annotations

import pytest

from hsi_engine.classes.class_names import is_named, means_no_class, name_key, one_line, repeated_names


@pytest.mark.parametrize(
    "other",
    [
        "forêt mixte",
        "FORÊT MIXTE",
        " Forêt   mixte ",
        "Forêt\N{NO-BREAK SPACE}mixte",
        "Fore\N{COMBINING CIRCUMFLEX ACCENT}t mixte",
        "Fo\N{SOFT HYPHEN}rêt mixte",
        "\N{ZERO WIDTH NO-BREAK SPACE}Forêt mixte",
        "Forêt_mixte",
        "Forêt\nmixte",
    ],
)
def test_names_that_a_reader_takes_for_the_same(other: str) -> None:
    assert name_key(other) == name_key("Forêt mixte")


@pytest.mark.parametrize("other", ["Foret mixte", "Forêtmixte", "Forêt mixte 2", "Forêt-mixte"])
def test_names_that_differ(other: str) -> None:
    assert name_key(other) != name_key("Forêt mixte")


def test_capitals_beyond_ascii_do_not_count() -> None:
    assert name_key("STRASSE") == name_key("Straße")
    assert name_key("ΌΡΟΣ") == name_key("όρος")
    assert name_key("İzmir") == name_key("i\N{COMBINING DOT ABOVE}zmir")


def test_a_name_is_kept_on_one_line_with_its_accents_composed() -> None:
    assert one_line("  A\N{COMBINING DIAERESIS}cker \t und\nWiesen\x00") == "Äcker und Wiesen\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(("value", "name"), [(7, ""), (7, " "), (7, "7"), (7, "07"), (7, "7.0"), (7, "+7")])
def test_a_name_that_repeats_the_value_is_none(value: int, name: str) -> None:
    assert not is_named(value, name)


@pytest.mark.parametrize("name", ["8", "7a", "7.5", "water"])
def test_other_names_are_names(name: str) -> None:
    assert is_named(7, name)


@pytest.mark.parametrize(
    "name",
    ["", "0", "Unclassified", "no_data", "NoData (outside)", "Background", "<none>", "n/a", "Hintergrund", "fond"],
)
def test_names_of_what_is_no_class(name: str) -> None:
    assert means_no_class(name)


@pytest.mark.parametrize("name", ["Open water", "Non-forest", "Other", "1", "Nomad camp", "Wasser", "Fondo marino"])
def test_names_of_classes(name: str) -> None:
    assert not means_no_class(name)


def test_values_of_the_same_name_are_found() -> None:
    assert repeated_names([(2, "Forest"), (5, "soil"), (7, "forest ")]) == {"Forest": [2, 7]}


@pytest.mark.parametrize(
    "other",
    [
        "mixed\u2010forest\u2019s",
        "mixed\u2011forest's",
        "mixed\u2013forest\u02bcs",
        "mixed\u2212forest's",
        "\uff2dixed\uff0dforest\uff07s",
    ],
)
def test_hyphens_apostrophes_and_the_width_of_letters_do_not_count(other: str) -> None:
    assert name_key(other) == name_key("mixed-forest's")
    assert name_key("mixed forest's") != name_key("mixed-forest's")


def test_a_dotted_capital_i_is_an_i() -> None:
    assert name_key("\u0130ncir") == name_key("incir")
