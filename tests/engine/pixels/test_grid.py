"""Grids that are the same, and how those that are not differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from affine import Affine
from pyproj import CRS

from hsi_engine.pixels.grid import Grid, describe_crs, same_crs

UTM = Grid(crs="EPSG:32633", transform=Affine(30, 0, 364000, 0, -30, 5809000), shape=(192, 160))


def test_a_grid_matches_itself_and_the_same_crs_in_other_words() -> None:
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


@pytest.mark.parametrize(
    ("with_heights", "flat", "other"),
    [
        ("EPSG:32633+5773", "EPSG:32633", "EPSG:32632"),
        ("EPSG:25833+7837", "EPSG:25833", "EPSG:32633"),
        ("EPSG:4326+5773", "EPSG:4326", "EPSG:4258"),
        ("EPSG:4979", "EPSG:4326", "EPSG:4258"),
        ("+proj=utm +zone=33 +datum=WGS84 +geoidgrids=egm96_15.gtx +vunits=m +type=crs", "EPSG:32633", "EPSG:32632"),
    ],
)
def test_heights_make_no_other_crs(with_heights: str, flat: str, other: str) -> None:
    for name in (with_heights, CRS.from_user_input(with_heights).to_wkt()):
        assert same_crs(name, flat)
        assert same_crs(flat, name)
        assert not same_crs(name, other)
    assert same_crs(with_heights, with_heights)
    assert replace(UTM, crs=with_heights).explain_mismatch(replace(UTM, crs=flat)) == ""


def test_two_kinds_of_heights_are_one_place() -> None:
    assert same_crs("EPSG:32633+5773", "EPSG:32633+3855")


def test_a_local_crs_is_itself_only() -> None:
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    assert same_crs(local, local)
    assert not same_crs(local, "EPSG:32633")


def test_no_crs_matches_no_crs_only() -> None:
    assert same_crs(None, None)
    assert not same_crs(None, "EPSG:4326")
    assert describe_crs(None) == "none"


def test_a_crs_without_a_name_is_its_code_or_its_projection() -> None:
    utm = CRS.from_epsg(32611).to_wkt("WKT1_GDAL").replace("WGS 84 / UTM zone 11N", "unnamed")
    assert describe_crs(utm) == "EPSG:32611"
    own = CRS("+proj=tmerc +lon_0=3 +ellps=bessel +units=m").to_wkt()
    assert CRS(own).name == "unknown"
    assert describe_crs(own) == "a CRS without a name (Transverse Mercator)"


@pytest.mark.parametrize("angle", [0, 30, 90])
def test_pixel_sizes_of_a_rotated_grid(angle: float) -> None:
    grid = replace(UTM, transform=Affine.rotation(angle) @ Affine.scale(20, -5))
    assert grid.pixel_size == pytest.approx((20, 5))


def test_a_file_without_a_transform_is_not_georeferenced() -> None:
    assert UTM.is_georeferenced
    assert not replace(UTM, transform=Affine.identity()).is_georeferenced
