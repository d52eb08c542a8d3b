"""What can be taken back, before and after labels were saved."""

from __future__ import annotations

from qgis_plugin.desktop.labelling.edit_history import Edit, EditHistory

FIRST, SECOND, THIRD = (Edit(point, {"reference": None}) for point in (1, 2, 3))


def test_saved_edits_are_taken_back_from_the_last_one_on() -> None:
    history = EditHistory()
    history.done(0, FIRST)
    history.done(1, SECOND)
    assert history.at(1) is SECOND
    assert history.take_saved() is None
    history.saved([0, 1])
    assert history.at(1) is None
    assert [history.take_saved() for _ in range(3)] == [SECOND, FIRST, None]


def test_an_edit_that_was_undone_is_not_saved() -> None:
    history = EditHistory()
    history.done(0, FIRST)
    history.done(1, SECOND)
    history.saved([0])
    assert [history.take_saved() for _ in range(2)] == [FIRST, None]


def test_an_edit_in_the_place_of_an_undone_one_replaces_it_and_all_above() -> None:
    history = EditHistory()
    history.done(0, FIRST)
    history.done(1, SECOND)
    history.done(0, THIRD)
    assert history.at(1) is None
    history.saved([0, 1])
    assert [history.take_saved() for _ in range(2)] == [THIRD, None]


def test_discarded_edits_are_gone_and_saved_ones_stay() -> None:
    history = EditHistory()
    history.done(0, FIRST)
    history.saved([0])
    history.done(0, SECOND)
    history.discarded()
    assert history.at(0) is None
    edit = history.take_saved()
    assert edit is FIRST
    history.restore_saved(edit)
    assert history.take_saved() is FIRST
