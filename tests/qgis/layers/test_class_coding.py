"""A style and the values in a field become values and a legend that the engine reads as the user sees them."""

from __future__ import annotations

from qgis_plugin.layers.class_coding import code_classes, raster_legend
from qgis_plugin.layers.class_style import ClassStyle, StyledClass


def style(*classes: tuple[object, str]) -> ClassStyle:
    """Classes from (value or values, label), with a colour for each."""
    made = []
    for number, (values, label) in enumerate(classes):
        texts = tuple(map(str, values)) if isinstance(values, list) else (str(values),)
        made.append(StyledClass(texts, label, f"#00000{number}"))
    return ClassStyle("kind", tuple(made))


def names(coding) -> list[tuple[int, str]]:
    return [(entry["value"], entry["name"]) for entry in coding.legend]


class TestNumbers:
    def test_stay_the_values(self):
        coding = code_classes(style((7, "roof"), (3, "water")), {"3", "7"})
        assert coding.recode is None
        assert coding.legend == (
            {"value": 7, "name": "roof", "color": "#000000"},
            {"value": 3, "name": "water", "color": "#000001"},
        )
        assert coding.notes == ()

    def test_in_a_text_field_are_read_as_the_engine_reads_them(self):
        assert names(code_classes(style(("1", "roof")), {"1", "2.0"})) == [(1, "roof")]

    def test_merged_ones_become_the_first(self):
        coding = code_classes(style(([4, 9], "trees"), (2, "water")), {"2", "4", "9"})
        assert coding.recode == {"2": 2, "4": 4, "9": 4}
        assert names(coding) == [(4, "trees"), (2, "water")]
        assert "merges the values 4, 9 into class 'trees', which gets the value 4" in coding.notes[0]

    def test_that_mean_unlabelled_are_no_class(self):
        assert names(code_classes(style((0, "unknown"), (2, "water")), {"0", "2"})) == [(2, "water")]

    def test_with_equal_labels_stay_apart(self):
        coding = code_classes(style((1, "Forest"), (2, "forest"), (3, "water")), {"1", "2", "3"})
        assert names(coding) == [(1, "Forest (1)"), (2, "forest (2)"), (3, "water")]
        assert "they became: Forest (1), forest (2)" in coding.notes[0]

    def test_that_are_codes_with_zeros_in_front_stay_apart(self):
        coding = code_classes(style(("01", "A"), ("1", "B"), ("02", "C")), {"01", "1", "02"})
        assert coding.recode == {"01": "A", "1": "B", "02": "C"}
        assert names(coding) == [(1, "A"), (2, "B"), (3, "C")]

    def test_of_one_class_may_be_written_in_two_ways(self):
        coding = code_classes(style((["01", "1"], "A"), ("2", "B")), {"01", "1", "2"})
        assert names(coding) == [(1, "A"), (2, "B")]


class TestTexts:
    def test_that_are_their_own_labels_stay(self):
        coding = code_classes(style(("tree", "tree"), ("roof", "roof")), {"roof", "tree"})
        assert coding.recode is None
        assert names(coding) == [(1, "tree"), (2, "roof")]

    def test_become_the_labels_of_the_style(self):
        coding = code_classes(style(("T", "trees"), ("R", "roofs")), {"R", "T"})
        assert coding.recode == {"R": "roofs", "T": "trees"}
        assert names(coding) == [(1, "trees"), (2, "roofs")]
        assert "Class names are the labels of the style" in coding.notes[-1]

    def test_without_a_category_keep_their_names(self):
        coding = code_classes(style(("T", "trees")), {"T", "rock"})
        assert coding.recode == {"T": "trees", "rock": "rock"}
        assert coding.legend[1] == {"value": 2, "name": "rock"}
        assert "no category for rock" in coding.notes[0]

    def test_without_a_category_are_not_taken_for_a_label(self):
        coding = code_classes(style(("T", "rock")), {"T", "Rock"})
        assert coding.recode == {"T": "rock", "Rock": "Rock (2)"}

    def test_merged_ones_become_one_class(self):
        coding = code_classes(style((["fir", "oak"], "trees")), {"fir", "oak"})
        assert coding.recode == {"fir": "trees", "oak": "trees"}
        assert names(coding) == [(1, "trees")]

    def test_with_equal_labels_stay_apart(self):
        coding = code_classes(style(("fir", "tree"), ("oak", "tree")), {"fir", "oak"})
        assert coding.recode == {"fir": "tree (fir)", "oak": "tree (oak)"}

    def test_that_differ_only_in_case_stay_apart(self):
        coding = code_classes(style(("oak", "oak"), ("Oak", "Oak")), {"oak", "Oak"})
        assert len({name.casefold() for name in coding.recode.values()}) == 2

    def test_with_labels_that_are_numbers_are_not_read_as_values(self):
        coding = code_classes(style(("tree", "10"), ("roof", "20")), {"roof", "tree"})
        assert names(coding) == [(1, "10 (tree)"), (2, "20 (roof)")]

    def test_the_map_knows_stay_as_they_are(self):
        coding = code_classes(style(("T", "trees"), ("R", "roofs")), {"R", "T"}, ["T", "R", "W"])
        assert coding.recode is None

    def test_the_map_does_not_know_become_the_labels(self):
        coding = code_classes(style(("T", "trees"), ("R", "roofs")), {"R", "T"}, ["trees", "roofs"])
        assert coding.recode == {"R": "roofs", "T": "trees"}


def test_the_legend_of_a_raster():
    coding = raster_legend(style((3, "water"), (0, "none"), (70000, "too large")))
    assert names(coding) == [(3, "water")]
