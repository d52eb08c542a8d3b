"""Reference points on the real EnMAP map: drawn by the command, labelled by a script, read back whole, assessed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio

from hsi_engine.classes.legend import Legend
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.samples.sample_reader import read_reference_sample

Hsi = Callable[..., dict[str, Any]]
NAMES = {1: "roof", 2: "pavement", 3: "low vegetation", 4: "tree", 5: "soil", 6: "water"}


@pytest.fixture(scope="module")
def truth(enmap: Path) -> npt.NDArray[np.uint8]:
    with rasterio.open(enmap / "labels.tif") as file:
        return np.asarray(file.read(1))


@pytest.fixture(scope="module")
def class_map(enmap: Path, truth: npt.NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The labels as a map with every seventh pixel of another class."""
    path, rng = tmp_path_factory.mktemp("map") / "map.tif", np.random.default_rng(3)
    wrong = (rng.random(truth.shape) < 1 / 7) & (truth > 0)
    values = np.where(wrong, (truth + rng.integers(1, 6, truth.shape) - 1) % 6 + 1, truth).astype(np.uint8)
    with rasterio.open(enmap / "labels.tif") as like, rasterio.open(path, "w", **like.profile) as file:
        file.write(values, 1)
    write_class_map_style(path, Legend.of(NAMES))
    return path


def test_two_hundred_points_from_the_map_to_its_area_adjusted_report(
    class_map: Path, truth: npt.NDArray[np.uint8], hsi: Hsi, tmp_path: Path
) -> None:
    points = tmp_path / "points.gpkg"
    drawn = hsi("sample", "--map", class_map, "--points", 200, "--seed", 11, "--output", points)
    assert drawn["points"] == 200
    assert drawn["advice"][0].startswith("Label the points: open points.gpkg in QGIS")

    # The interpreter finds each point on the ground by its coordinates, as a person does, not by what the map says.
    layer = geopandas.read_file(points, layer="reference_points")
    with rasterio.open(class_map) as file:
        places = [file.index(point.x, point.y) for point in layer.geometry]
    seen = {int(i): NAMES[int(truth[place])] for i, place in zip(layer["point_id"], places, strict=True)}
    with closing(sqlite3.connect(points)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')  # they call functions that only GDAL and QGIS have
        database.executemany(
            "UPDATE reference_points SET reference = ?, certainty = 'sure' WHERE point_id = ?",
            [(name, number) for number, name in seen.items()],
        )
        database.commit()

    sample = read_reference_sample(points)
    assert sample.labelled.all()
    assert len(sample) == 200
    assert list(sample.reference) == [NAMES[int(v)] for v in truth[sample.rows, sample.cols]]
    with rasterio.open(class_map) as file:
        mapped = file.read(1)
    np.testing.assert_array_equal(sample.map_values, mapped[sample.rows, sample.cols])
    # What the sample says of the map, by its strata, against what is true of it.
    pixels = {s.name: s.pixels for s in sample.all_strata}
    correct = np.array(sample.reference) == np.array(sample.map_classes)
    estimate = sum(n * float(correct[np.array(sample.strata) == name].mean()) for name, n in pixels.items()) / sum(
        pixels.values()
    )
    accuracy = float((mapped == truth)[truth > 0].mean())
    assert abs(estimate - accuracy) < 3 * drawn["expected_standard_error"]
    assert accuracy < 0.9

    report = tmp_path / "accuracy.html"
    assessed = hsi("assess", "--map", class_map, "--reference", points, "--report", report)["sample"]
    assert assessed["overall"]["value"] == pytest.approx(estimate, abs=1e-12)
    low, high = assessed["overall"]["interval_95"]
    assert low < accuracy < high
    for one in assessed["classes"]:
        low, high = one["area_ha"]["interval_95"]
        assert low < float((truth == one["value"]).sum()) * 0.09 < high
    assert "bias-adjusted" in report.read_text(encoding="utf-8") or "true area" in report.read_text(encoding="utf-8")
