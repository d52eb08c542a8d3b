"""The operation that writes the principal components of a scene."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from sklearn import decomposition

from hsi_engine.errors import Cancelled, OutputError, ParameterError
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.operations.fit_pca.operation import OPERATION, FitPcaResult
from hsi_engine.reporting import SilentReporter

MakeScene = Callable[..., Path]


def run(scene: Path, output: Path, reporter: SilentReporter | None = None, **params: object) -> FitPcaResult:
    parsed = validate(OPERATION, {"scene": str(scene), "output": str(output), **params})
    return start(OPERATION, parsed, reporter or SilentReporter())


def test_components_lie_where_their_pixels_lie(make_scene: MakeScene, tmp_path: Path) -> None:
    scene = make_scene(dtype="int32", empty_bands=[3])
    result = run(scene, tmp_path / "pca.tif", components=2)
    with rasterio.open(scene) as source, rasterio.open(tmp_path / "pca.tif") as target:
        numbers = source.read([b for b in range(1, 13) if b != 4])
        written = target.read()
        assert (target.crs, target.transform, target.shape) == (source.crs, source.transform, source.shape)
        assert np.isnan(target.nodata)
        assert target.dtypes == ("float32", "float32")
        assert target.descriptions[0].startswith("PC 1 (")
        valid = (numbers != source.nodata).all(axis=0)
        spectra = numbers[:, valid].T * source.scales[0]
    expected = decomposition.PCA(2, svd_solver="full").fit(spectra)
    np.testing.assert_allclose(written[:, valid].T, expected.transform(spectra), atol=1e-5)
    assert np.isnan(written[:, ~valid]).all()
    assert not valid.all()
    assert result.bands_used == 11
    assert result.valid_pixels == valid.sum()
    np.testing.assert_allclose([c.share for c in result.components], expected.explained_variance_ratio_, rtol=1e-6)
    assert result.components[1].cumulative == pytest.approx(sum(c.share for c in result.components))
    assert "11 of 12 bands are used; left out: 4 (without any valid pixel)." in result.notes


def test_statistics_reproduce_the_raster(scene_path: Path, tmp_path: Path) -> None:
    output, statistics = tmp_path / "pca.tif", tmp_path / "pca.json"
    run(scene_path, output, components=3, bands="1-4, 9", statistics=str(statistics))
    record = json.loads(statistics.read_text())
    with rasterio.open(scene_path) as source, rasterio.open(output) as target:
        spectrum = source.read([1, 2, 3, 4, 9])[:, 2, 5] * source.scales[0]
        written = target.read()[:, 2, 5]
    computed = np.array(record["loadings"]) @ (spectrum - np.array(record["mean_spectrum"]))
    np.testing.assert_allclose(written, computed, atol=1e-6)
    assert record["fitted_on"]["band_indices"] == [0, 1, 2, 3, 8]


def test_text_for_a_person(scene_path: Path, tmp_path: Path) -> None:
    text = run(scene_path, tmp_path / "pca.tif", components=2, whiten=True).to_text()
    assert "12 used" in text
    assert "%" in text.splitlines()[-1]


def test_more_components_than_bands_leaves_no_file(scene_path: Path, tmp_path: Path) -> None:
    output = tmp_path / "pca.tif"
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ParameterError, match="13 components were requested, but only 12"):
        run(scene_path, output, components=13)
    assert sorted(tmp_path.iterdir()) == before


def test_cancel_leaves_no_file(scene_path: Path, tmp_path: Path) -> None:
    class CancelWhenWriting(SilentReporter):
        def progress(self, fraction: float, message: str = "") -> None:
            if message.startswith("Writing components:"):
                self.cancel.set()

    before = sorted(tmp_path.iterdir())
    reporter = CancelWhenWriting(threading.Event())
    with pytest.raises(Cancelled):
        # The scene is smaller than a block: the check after the last one stops it before files are renamed.
        run(scene_path, tmp_path / "pca.tif", reporter, components=2)
    assert sorted(tmp_path.iterdir()) == before


def test_outputs_that_would_destroy_something(scene_path: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="also an input"):
        run(scene_path, scene_path)
    with pytest.raises(OutputError, match=r"must end in \.json; found .\.txt"):
        run(scene_path, tmp_path / "pca.tif", statistics=str(tmp_path / "pca.txt"))
