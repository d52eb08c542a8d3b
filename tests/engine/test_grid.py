"""Grids that are the same, and how those that are not differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from affine import Affine

from hsi_engine.grid import Grid, describe_crs, same_crs

UTM = Grid(crs="EPSG:32633", transform=Affine(30, 0, 364000, 0, -30, 5809000), shape=(192, 160))


def test_a_grid_matches_itself_and_the_same_crs_in_other_words() -> None:
    from pyproj import CRS

    assert UTM.explain_mismatch(UTM) == ""
    assert UTM.explain_mismatch(replace(UTM, crs=CRS.from_epsg(32633).to_wkt())) == ""


def test_a_hundredth_of_a_pixel_is_forgiven_half_a_pixel_is_not() -> None:
    near = replace(UTM, transform=UTM.transform @ Affine.translation(0.005, 0))
    assert UTM.explain_mismatch(near) == ""
    shifted = replace(UTM, transform=UTM.transform @ Affine.translation(0.5, -0.5))
    assert UTM.explain_mismatch(shifted) == (
        "the pixels are shifted by 0.50 columns and -0.50 rows at pixel corner (row 0, col 0)"
    )


def test_a_pixel_size_that_runs_away_over_the_raster_is_found_at_the_far_corner() -> None:
    wider = replace(UTM, transform=UTM.transform @ Affine.scale(1.001, 1))
    assert "shifted by 0.16 columns" in UTM.explain_mismatch(wider)


def test_size_and_crs_are_named() -> None:
    assert UTM.explain_mismatch(replace(UTM, shape=(160, 192))) == "the size is 192×160 pixels against 160×192"
    found = UTM.explain_mismatch(replace(UTM, crs="EPSG:4326"))
    assert found == "the CRS is EPSG:32633 (WGS 84 / UTM zone 33N) against EPSG:4326 (WGS 84)"
    assert "against none" in UTM.explain_mismatch(replace(UTM, crs=None))


def test_no_crs_matches_no_crs_only() -> None:
    assert same_crs(None, None)
    assert not same_crs(None, "EPSG:4326")
    assert describe_crs(None) == "none"


@pytest.mark.parametrize("angle", [0, 30, 90])
def test_pixel_sizes_of_a_rotated_grid(angle: float) -> None:
    grid = replace(UTM, transform=Affine.rotation(angle) @ Affine.scale(20, -5))
    assert grid.pixel_size == pytest.approx((20, 5))


def test_a_file_without_a_transform_is_not_georeferenced() -> None:
    assert UTM.is_georeferenced
    assert not replace(UTM, transform=Affine.identity()).is_georeferenced
