"""Which features lie on each other, and which lie on no pixel."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

import make_scenes
from hsi_engine.errors import Cancelled
from hsi_engine.io.labels import feature_relations
from hsi_engine.io.labels.feature_relations import areas_px, find_overlaps, off_the_scene, whole_features, without_pixel
from hsi_engine.io.labels.types import LabelFeatures
from hsi_engine.io.vectors.geometry import PlacedParts
from hsi_engine.pixels.grid import Grid

TRANSFORMS = {"north_up": make_scenes.NORTH_UP, "south_up": make_scenes.SOUTH_UP, "rotated": make_scenes.ROTATED}


def grid(transform: Affine = make_scenes.NORTH_UP) -> Grid:
    return Grid(crs="EPSG:32633", transform=transform, shape=(37, 29))


def box(
    row: float, col: float, row_end: float, col_end: float, transform: Affine = make_scenes.NORTH_UP
) -> shapely.Polygon:
    corners = [(col, row), (col_end, row), (col_end, row_end), (col, row_end)]
    return shapely.Polygon([transform @ corner for corner in corners])


def point(row: float, col: float) -> shapely.Point:
    return shapely.Point(make_scenes.NORTH_UP @ (col, row))


def go_on() -> None:
    """Nobody cancels."""


def overlaps(geometries: list[shapely.Geometry], values: list[int]) -> dict[tuple[int, int], tuple[bool, float]]:
    array = np.array(geometries, dtype=object)
    found = find_overlaps(np.arange(len(array)), array, np.array(values), grid(), go_on)
    columns = (found.first, found.second, found.same_place, found.pixels)
    return {(a, b): (same, pixels) for a, b, same, pixels in zip(*(c.tolist() for c in columns), strict=True)}


def test_overlaps_of_another_class_and_copies_of_any() -> None:
    first, moved, far = box(0, 0, 4, 4), box(2, 3, 6, 7), box(20, 20, 22, 24)
    found = overlaps([first, moved, moved, first, far], [1, 2, 1, 1, 2])
    assert found == {
        (0, 1): (False, pytest.approx(2)),
        (1, 2): (True, pytest.approx(16)),
        (0, 3): (True, pytest.approx(16)),
        (1, 3): (False, pytest.approx(2)),
    }


def test_slivers_are_no_overlap() -> None:
    assert overlaps([box(0, 0, 4, 4), box(0, 3.999, 4, 8)], [1, 2]) == {}
    assert list(overlaps([box(0, 0, 4, 4), box(0, 3.99, 4, 8)], [1, 2])) == [(0, 1)]


def test_points_in_one_pixel_and_on_a_polygon() -> None:
    geometries = [point(5.1, 5.1), point(5.9, 5.9), point(6.1, 5.1), box(8, 8, 10, 10), point(9, 9), point(9.6, 9.6)]
    found = overlaps(geometries, [1, 1, 1, 1, 2, 1])
    assert found == {(0, 1): (True, 1.0), (4, 5): (True, 1.0), (3, 4): (False, 1.0)}


def test_many_pairs_can_be_cancelled() -> None:
    def stop() -> None:
        raise Cancelled

    array = np.array([box(0, 0, 4, 4), box(0, 0, 4, 5)], dtype=object)
    with pytest.raises(Cancelled):
        find_overlaps(np.arange(2), array, np.array([1, 2]), grid(), stop)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_polygons_without_a_pixel(transform: Affine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_relations, "_STRIP_PX", 10)  # a polygon is looked at in several steps
    shapes = [
        box(3.6, 3.6, 4.4, 4.4, transform),  # between four centres
        box(3.4, 3.4, 3.6, 3.6, transform),  # around one
        box(30.1, 0, 30.4, 29, transform),  # a line of pixels, beside all of their centres
        box(30.1, 0, 30.6, 29, transform),
        box(36.6, 28.6, 45, 45, transform),  # beyond the last centre
        box(36.4, 28.4, 45, 45, transform),
    ]
    found = without_pixel(np.array(shapes, dtype=object), grid(transform), go_on, all_touched=False)
    assert found.tolist() == [True, False, True, False, True, False]
    assert not without_pixel(np.array(shapes, dtype=object), grid(transform), go_on, all_touched=True).any()
    np.testing.assert_allclose(areas_px(np.array(shapes, dtype=object), grid(transform))[:2], [0.64, 0.04], rtol=1e-6)


def test_off_the_scene() -> None:
    shapes = np.array([box(0, 0, 1, 1), box(-5, -5, -1, -1), box(36, 28, 60, 60)], dtype=object)
    assert off_the_scene(shapes, grid()).tolist() == [False, True, False]


def test_parts_of_a_feature_are_joined_and_features_without_class_left_out() -> None:
    parts = PlacedParts(
        geometries=np.array([box(0, 0, 1, 1), box(9, 9, 10, 11), box(0, 1, 1, 2), box(5, 5, 6, 6)], dtype=object),
        feature=np.array([3, 1, 3, 2]),
        notes=(),
    )
    features = LabelFeatures(
        parts=parts,
        values=np.array([4, 4, 0, 7]),
        names={},
        colours={},
        place="drawn",
        layer="drawn",
        class_field="class",
        notes=(),
    )
    numbers, geometries = whole_features(features)
    assert numbers.tolist() == [1, 3]
    assert areas_px(geometries, grid()).tolist() == pytest.approx([2, 2])
