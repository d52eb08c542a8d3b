"""Labels of one class that claim the same pixel are one place, wherever places are counted or kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from affine import Affine

from hsi_engine.errors import LabelError
from hsi_engine.io.labels.labels import Labels, read_labels
from hsi_engine.io.labels.more_labels import with_more_labels
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.splitting.folds import make_folds
from hsi_engine.splitting.strategies import polygon_split

GRID = Grid(crs="EPSG:32633", transform=Affine(10, 0, 500_000, 0, -10, 4_500_000), shape=(60, 60))

Read = Callable[[Sequence[shapely.Geometry], Sequence[int]], Labels]


def box(left: float, top: float, right: float, bottom: float) -> shapely.Polygon:
    """In pixels."""
    return shapely.box(500_000 + 10 * left, 4_500_000 - 10 * bottom, 500_000 + 10 * right, 4_500_000 - 10 * top)


def point(col: float, row: float) -> shapely.Point:
    return shapely.Point(500_000 + 10 * col, 4_500_000 - 10 * row)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def of(shapes: Sequence[shapely.Geometry], classes: Sequence[int]) -> Labels:
        path = tmp_path / "labels.gpkg"
        path.unlink(missing_ok=True)
        geopandas.GeoDataFrame({"class_id": classes}, geometry=list(shapes), crs="EPSG:32633").to_file(path)
        return read_labels(path, GRID)

    return of


def samples_of(labels: Labels) -> SampleSet:
    return SampleSet.from_labels(labels.pixels, labels.legend)[0]


def test_a_field_and_its_core_go_to_one_side(read: Read) -> None:
    fields = [box(c, r, c + 8, r + 8) for r in range(0, 60, 10) for c in range(0, 60, 10)]
    cores = [box(c + 1, r + 1, c + 7, r + 7) for r in range(0, 60, 10) for c in range(0, 60, 10)]
    samples = samples_of(read([*fields, *cores], [1, 2] * 36))
    split = polygon_split(samples, radius=0, train_share=0.5, seed=0)
    field = samples.rows // 10 * 6 + samples.cols // 10
    assert not set(field[split.train]) & set(field[split.test])
    assert split.notes[0].startswith("36 polygons")


def test_a_class_drawn_as_field_and_core_lies_in_one_place(read: Read) -> None:
    others = [box(c, r, c + 6, r + 6) for r in range(0, 60, 10) for c in range(30, 60, 10)]
    large, core = box(1, 1, 28, 58), box(6, 10, 20, 50)
    labels = read([*others, large, core], [1, 2] * 9 + [3, 3])
    folds = make_folds(samples_of(labels), guard_px=0, seed=0)
    assert folds.untested == (2,)
    assert any("3 lies in one place only" in note for note in folds.notes)
    apart = read([*others, box(1, 1, 28, 28), box(1, 30, 28, 58)], [1, 2] * 9 + [3, 3])
    assert make_folds(samples_of(apart), guard_px=0, seed=0).untested == ()


def test_more_labels_on_labels_of_their_class_belong_to_their_region(read: Read) -> None:
    labels = read([box(0, 0, 5, 5), box(10, 0, 15, 5), box(20, 0, 25, 5)], [1, 1, 2])
    more = read([point(2.5, 2.5), point(12.5, 2.5), point(22.5, 2.5), box(4, 20, 6, 22)], [1, 2, 2, 1])
    groups = with_more_labels(labels, more).groups
    assert groups[2, 2] == groups[0, 0], "the same class"
    assert groups[2, 12] not in (0, groups[0, 12]), "another class"
    assert groups[2, 22] == groups[0, 22]
    assert len(np.unique(groups[groups > 0])) == 5


def test_what_is_said_of_points_is_about_points(read: Read) -> None:
    inside = [point(1.5, 1.5), point(1.2, 1.7), point(1.8, 1.1), point(5.5, 1.5)]
    labels = read([*inside, point(60, 5.5), point(5.5, 60)], [1, 1, 1, 2, 1, 2])
    assert not any("olygon" in note for note in labels.notes)
    assert (
        "Points on the right or lower edge of the scene, which lie in none of its pixels, left out: 2." in labels.notes
    )
    assert any("another one of the same class lies: 2;" in note for note in labels.notes)
    with pytest.raises(LabelError, match="covered by points of different classes, so none can be used") as raised:
        read([point(1.5, 1.5), point(1.2, 1.7)], [1, 2])
    assert raised.value.hint == "Correct the points, or use the first or last one."
    with pytest.raises(
        LabelError, match=r"lie on the right or lower edge of the scene, in none of its pixels"
    ) as raised:
        read([point(60, 5.5)], [1])
    assert raised.value.hint == "Move them into the scene."


def test_a_polygon_hidden_twice_is_not_called_too_small(read: Read) -> None:
    labels = read([box(1, 1, 2, 2)] * 7, [1] * 7)
    assert not any("too small" in note for note in labels.notes)
