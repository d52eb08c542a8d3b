"""``--cog``: the rasters of a map in the form that is read over a network, with the pixels and words of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from classifiers import trained
from fitted import BANDS, fit
from hsi_engine.bundle.model_bundle import Member, ModelBundle
from hsi_engine.bundle.model_file import write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.io.scenes.output import cloud_optimized
from hsi_engine.io.scenes.scene import open_scene

RASTERS = ("output", "confidence", "faded", "probabilities")


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A scene of more than one block, and a model of its spectra."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=40, cols=1100, bands=8)
    with open_scene(scene) as reader:
        steps = fit(reader, BANDS)
    network, options = trained("logistic_regression", {}, n_components=8, patch_size=1, n_classes=3)
    member = Member(architecture="logistic_regression", options=options, weights=network.state_dict(), patch_size=1)
    legend = Legend.of({2: "a", 5: "b", 300: "c"}, {5: "#d55e00"})
    bundle = ModelBundle(members=(member,), preprocessing=steps, legend=legend, training={}, metrics={})
    write_bundle(bundle, folder / "m.hsimodel")
    return {"scene": scene, "model": folder / "m.hsimodel", "device": "cpu"}


def mapped(job: dict[str, Any], folder: Path, **options: Any) -> dict[str, Path]:
    folder.mkdir()
    paths = {name: folder / f"{name}.tif" for name in RASTERS}
    hsi_engine.classify_scene(**job, **paths, **options)
    return paths


def test_all_rasters_have_the_form_and_say_the_same(job: dict[str, Any], tmp_path: Path) -> None:
    plain, cogs = mapped(job, tmp_path / "plain"), mapped(job, tmp_path / "cog", cog=True)
    for name in RASTERS:
        with rasterio.open(plain[name]) as expected, rasterio.open(cogs[name]) as found:
            assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert "LAYOUT" not in expected.tags(ns="IMAGE_STRUCTURE")
            np.testing.assert_array_equal(found.read(), expected.read())
            for fact in ("transform", "crs", "dtypes", "descriptions", "colorinterp"):
                assert getattr(found, fact) == getattr(expected, fact), (name, fact)
            np.testing.assert_array_equal(found.nodata, expected.nodata)
            assert found.overviews(1) == expected.overviews(1) != []
            # The settings say that it is a COG.
            own = ("OVR_RESAMPLING_ALG", "HSI_SETTINGS")
            stated = [{k: v for k, v in file.tags().items() if k not in own} for file in (found, expected)]
            assert stated[0] == stated[1]
    # Also the styles next to them, and nothing else.
    assert [f.name for f in sorted((tmp_path / "cog").iterdir())] == [
        f.name for f in sorted((tmp_path / "plain").iterdir())
    ]


def test_a_copy_that_differs_is_not_kept(job: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(source: Path, target: Path, *rest: Any, **options: Any) -> None:
        with rasterio.open(source) as file:
            profile, data = file.profile, file.read()
        with rasterio.open(target, "w", **profile) as file:
            file.write(data[:, ::-1])

    monkeypatch.setattr(cloud_optimized, "to_cloud_optimized", spoilt)
    with pytest.raises(hsi_engine.OutputError, match=r"Raster '.*output\.tif' cannot be written"):
        mapped(job, tmp_path / "cog", cog=True)
    assert list((tmp_path / "cog").iterdir()) == []
