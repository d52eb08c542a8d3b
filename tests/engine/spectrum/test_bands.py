from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.errors import MismatchError, SceneError
from hsi_engine.spectrum.bands import BandTable, band_numbers


def table(
    wavelengths: list[float | None], fwhm: list[float | None] | None = None, good: list[bool] | None = None
) -> BandTable:
    count = len(wavelengths)
    return BandTable(
        names=tuple(f"Band {i + 1}" for i in range(count)),
        wavelength_nm=tuple(wavelengths),
        fwhm_nm=tuple(fwhm or [None] * count),
        good=tuple(good or [True] * count),
    )


def test_columns_must_have_one_length() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        BandTable(names=("a",), wavelength_nm=(1.0, 2.0), fwhm_nm=(None,), good=(True,))


@pytest.mark.parametrize("value", [0.0, -5.0, float("nan"), float("inf")])
def test_wavelengths_must_be_positive_numbers(value: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        table([value])


def test_has_wavelengths_only_where_all_are_known() -> None:
    assert table([500.0, 600.0]).has_wavelengths
    assert not table([500.0, None]).has_wavelengths
    assert not table([]).has_wavelengths
    assert table([500.0, None], good=[True, False]).has_wavelengths
    assert not table([500.0], good=[False]).has_wavelengths


def test_select_keeps_the_order_asked_for() -> None:
    chosen = table([500.0, 600.0, 700.0], good=[True, False, True]).select([2, 0])
    assert chosen.wavelength_nm == (700.0, 500.0)
    assert chosen.names == ("Band 3", "Band 1")
    assert table([1.0, 2.0, 3.0], good=[True, False, True]).good_indices == (0, 2)


def test_json_and_pickle_give_the_same_table_back() -> None:
    bands = table([500.0, None], [10.0, None], [True, False])
    assert BandTable.from_json(json.loads(json.dumps(bands.to_json()))) == bands
    assert pickle.loads(pickle.dumps(bands)) == bands


@pytest.mark.parametrize("data", [None, [], {}, {"names": ["a"], "wavelength_nm": [], "fwhm_nm": [], "good": []}])
def test_json_of_something_else_is_refused(data: object) -> None:
    with pytest.raises(SceneError, match="A band table must be an object with names"):
        BandTable.from_json(data)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(80, 500), min_size=2, max_size=40, unique=True).flatmap(
        lambda w: st.tuples(st.just(w), st.permutations(range(len(w))), st.integers(1, len(w)))
    )
)
def test_match_finds_every_band_wherever_it_stands(drawn: tuple[list[int], list[int], int]) -> None:
    raw, order, count = drawn
    ours = table([5.0 * w for w in raw])
    theirs = ours.select(order)
    wanted = ours.select(range(count))
    found = wanted.match(theirs)
    assert theirs.select(found).wavelength_nm == wanted.wavelength_nm
    assert len(set(found)) == count


def test_match_takes_the_nearest_within_tolerance_and_each_band_once() -> None:
    ours = table([500.0, 501.0])
    assert ours.match(table([501.2, 500.3, 700.0])) == (1, 0)
    # Both lie nearest to 500.4; the second must not take it again.
    assert ours.match(table([500.4, 501.9])) == (0, 1)


def test_match_never_takes_the_neighbouring_band() -> None:
    ours = table([500.0, 510.0, 520.0], [30.0, 30.0, 30.0])
    with pytest.raises(MismatchError, match=r"1 of the 3 bands .* missing: band 2 \(510\.0 nm\)\. Found: 3 bands"):
        ours.match(table([500.0, 520.0, 530.0]))


def test_match_with_a_given_tolerance() -> None:
    ours, theirs = table([500.0]), table([507.0])
    assert ours.match(theirs, tolerance_nm=8.0) == (0,)
    with pytest.raises(MismatchError, match="missing"):
        ours.match(theirs, tolerance_nm=6.0)


def test_many_missing_bands_are_counted_not_all_listed() -> None:
    with pytest.raises(MismatchError, match="and 12 more"):
        table([500.0 + 10 * i for i in range(20)]).match(table([2000.0]))


def test_without_wavelengths_the_count_decides() -> None:
    known, unknown = table([500.0, 600.0]), table([None, None])
    assert known.match(unknown) == (0, 1)
    assert unknown.match(known) == (0, 1)
    with pytest.raises(MismatchError, match="2 bands are needed and 3 were found") as caught:
        known.match(table([None, None, None]))
    assert caught.value.code == "mismatch.band_count"


@pytest.mark.parametrize(
    ("indices", "text"), [([], ""), ([4], "5"), ([2, 0, 1], "1–3"), ([0, 129, 130, 131, 6, 6], "1, 7, 130–132")]
)
def test_band_numbers_join_runs(indices: list[int], text: str) -> None:
    assert band_numbers(indices) == text


def test_a_band_near_a_missing_one_that_is_used_already_is_said() -> None:
    """Two needed bands 2 nm apart, and one of the scene between them, within the tolerance of both."""
    needed, scene = table([500.0, 501.0, 600.0]), table([500.4, 600.0, 700.0])
    with pytest.raises(MismatchError, match="1 of the 3 bands that are needed is missing: band 2") as caught:
        needed.match(scene, tolerance_nm=1.0)
    assert caught.value.message.endswith(
        "Each band is used once: band 1 (500.4 nm) of what was found is the nearest to band 2 (501.0 nm), but stands for band 1"
        " (500.0 nm) already."
    )
    with pytest.raises(MismatchError) as plain:
        needed.match(table([500.0, 600.0, 700.0]), tolerance_nm=0.5)
    assert "used once" not in plain.value.message


def test_a_good_band_goes_before_one_of_another_detector_at_the_same_wavelength() -> None:
    needed = table([900.0, 908.0, 916.0])
    # The second detector lies nearer to the wavelengths that are needed, and is left out there.
    scene = table([899.0, 900.1, 907.0, 908.1, 915.0, 916.1], good=[True, False, True, False, True, False])
    assert needed.match(scene) == (0, 2, 4)
    # What is flagged bad is still found where nothing else is.
    assert needed.match(scene.select([1, 2, 5])) == (0, 1, 2)
