"""Products of other kinds than those that there are, and the tiles of a map made in another process."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import torch

from classifiers import trained
from fitted import fit, pca
from hsi_engine.bundle.model_bundle import Member, ModelBundle, SmoothingSettings
from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.confidence_scaling import ConfidenceScaling
from hsi_engine.evaluation.trust.of_pixels import ReadyTrust
from hsi_engine.inference.predictor import Predictor
from hsi_engine.io.files.outputs import StagedOutputs
from hsi_engine.io.scenes.scene import SceneReader, open_scene
from hsi_engine.operations.classify_scene.map_files import MapFiles
from hsi_engine.operations.classify_scene.pipeline import TileMapper
from hsi_engine.operations.classify_scene.product import MappedPixels, MapProduct
from hsi_engine.operations.classify_scene.products import PRODUCTS
from hsi_engine.pixels.scene_part import ScenePart
from hsi_engine.pixels.window import TilePlan, Window
from hsi_engine.preprocess.branch import ReductionSettings
from trusted import trust_of

ROWS, COLS = 41, 34
LEGEND = Legend.of({1: "a", 2: "b", 3: "c", 4: "d"})
PLAN = TilePlan(shape=(ROWS, COLS), strip_rows=16, tile_cols=20)
CPU = torch.device("cpu")


@pytest.fixture
def scene(make_scene: Callable[..., Path]) -> Path:
    return make_scene(rows=ROWS, cols=COLS, bands=16)


def bundle_of(reader: SceneReader) -> ModelBundle:
    """A network on patches and a linear model, smoothed."""
    preprocessing = fit(reader, pca(13), ReductionSettings(kind="bands"), pca(3))
    members = []
    for branch, (name, patch) in enumerate([("hybridsn", 9), ("svm", 1)]):
        channels = preprocessing.branches[branch].n_components
        network, options = trained(name, {}, n_components=channels, patch_size=patch, n_classes=4)
        weights = network.state_dict()
        members.append(Member(architecture=name, options=options, weights=weights, patch_size=patch, branch=branch))
    return ModelBundle(
        members=tuple(members),
        preprocessing=preprocessing,
        legend=LEGEND,
        training={"split": {}},
        metrics={},
        smoothing=SmoothingSettings(radius_px=2, epsilon=0.05, branch=2),
        temperature=0.8,
        confidence_scaling=ConfidenceScaling(slope=0.7, offset=0.4),
        trust=trust_of(channels=13, classes=4, branch=0),
    )


def mapper_of(reader: SceneReader, *products: MapProduct) -> TileMapper:
    bundle = bundle_of(reader)
    known, calibrated = bundle.trust.known, bundle.trust.calibrated
    assert known is not None
    assert calibrated is not None
    predictor = Predictor.of(bundle, reader.scene, CPU, keep_branch=known.branch)
    return TileMapper(
        predictor=predictor,
        bundle=bundle,
        min_confidence=0.3,
        part=ScenePart.whole((ROWS, COLS)),
        products=products,
        trust=ReadyTrust(
            area=known.area,
            channels=predictor.kept,
            thresholds=calibrated.scores.thresholds("aps", 0.8),
            method="aps",
        ),
    )


def likely(pixels: MappedPixels) -> npt.NDArray[Any]:
    shares = pixels.prediction.probabilities
    return np.where(pixels.prediction.valid, shares > 0.2, 255).astype(np.uint8)


def channels(pixels: MappedPixels) -> npt.NDArray[Any]:
    assert pixels.channels is not None
    return np.where(pixels.prediction.valid, pixels.channels[:2], np.nan)


def class_names(legend: Legend) -> list[str]:
    return legend.names


def two_names(legend: Legend) -> list[str]:
    return ["first", "second"]


WORDS = {"title": "T", "description": "D.", "layer": "l"}
LIKELY = MapProduct(
    name="likely", parameter="likely", values=likely, bands=class_names, dtype="uint8", nodata=255, **WORDS
)
CHANNELS = MapProduct(
    name="channels", parameter="channels", values=channels, bands=two_names, uses_channels=True, **WORDS
)


def test_sets_of_classes_are_a_raster_of_small_numbers_with_a_band_for_each_class(scene: Path, tmp_path: Path) -> None:
    probabilities = next(product for product in PRODUCTS if product.name == "probabilities")
    paths = {LIKELY: tmp_path / "sets.tif", probabilities: tmp_path / "shares.tif"}
    with open_scene(scene) as reader:
        mapper = mapper_of(reader, *paths)
        with StagedOutputs() as stage, MapFiles(paths, reader.scene.grid, LEGEND, stage, None, lambda _: {}) as files:
            for tile in mapper.predictions(reader, PLAN).tiles():
                files.write(mapper.mapped(tile))
    with rasterio.open(paths[LIKELY]) as file, rasterio.open(paths[probabilities]) as shares:
        found, expected = file.read(), shares.read()
        assert (file.dtypes[0], file.nodata, file.descriptions) == ("uint8", 255, ("a", "b", "c", "d"))
    np.testing.assert_array_equal(found, np.where(np.isnan(expected), 255, expected > 0.2))
    assert set(np.unique(found)) == {0, 1, 255}


def test_a_product_can_be_made_of_the_channels_that_a_pixel_was_classified_by(scene: Path) -> None:
    with open_scene(scene) as reader:
        mapper = mapper_of(reader, CHANNELS)
        found = np.full((2, ROWS, COLS), np.nan)
        tiles = [mapper.mapped(tile) for tile in mapper.predictions(reader, PLAN).tiles()]  # after all strips are gone
        for tile in tiles:
            found[(slice(None), *tile.place.slices())] = tile.rasters["channels"]
        block = reader.read(Window.of_shape((ROWS, COLS)), mapper.predictor.band_indices)
        expected = np.where(block.valid, mapper.predictor.preprocessing.apply(block)[:2], np.nan)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_channels_are_kept_for_nobody(scene: Path) -> None:
    with open_scene(scene) as reader:
        tiles = list(mapper_of(reader, LIKELY).predictions(reader, PLAN).tiles())
    assert {tile.channels is None for tile in tiles} == {True}


OTHER_PROCESS = """
import hashlib, json, pickle, sys
mapper, scene, plan = pickle.load(sys.stdin.buffer)
from hsi_engine.io.scenes.scene import open_scene
with open_scene(scene) as reader:
    tiles = [mapper.mapped(tile) for tile in mapper.predictions(reader, plan).tiles()]
digests = [{name: hashlib.sha256(data.tobytes()).hexdigest() for name, data in tile.rasters.items()} for tile in tiles]
print(json.dumps([digests, [tile.counted.to_json() for tile in tiles]]))
"""


@pytest.mark.parametrize("used", [False, True], ids=["as it was made", "after it has predicted"])
def test_another_process_makes_the_same_tiles(scene: Path, used: bool) -> None:
    with open_scene(scene) as reader:
        mapper = mapper_of(reader, *PRODUCTS)
        fresh = pickle.dumps((mapper, reader.scene, PLAN))
        tiles = [mapper.mapped(tile) for tile in mapper.predictions(reader, PLAN).tiles()]
        sent = pickle.dumps((mapper, reader.scene, PLAN)) if used else fresh
    assert abs(len(sent) - len(fresh)) < 0.01 * len(fresh), "what is computed once stays here"
    done = subprocess.run([sys.executable, "-c", OTHER_PROCESS], input=sent, capture_output=True, check=True)
    digests, counted = json.loads(done.stdout)
    assert len(tiles) == 6
    assert {name for one in digests for name in one} == {product.name for product in PRODUCTS}
    assert digests == [
        {name: hashlib.sha256(data.tobytes()).hexdigest() for name, data in tile.rasters.items()} for tile in tiles
    ]
    assert counted == [tile.counted.to_json() for tile in tiles]


def test_products_differ_in_all_that_tells_them_apart() -> None:
    for attribute in ("name", "parameter", "title", "layer"):
        assert len({getattr(product, attribute) for product in PRODUCTS}) == len(PRODUCTS), attribute
    assert [product.name for product in PRODUCTS if product.required] == ["class_map"]
