"""Every mission product is read as its ``expected.json`` states: place, bands, values, no data, and why bands are left out.

The folder of the products is that of the shared data, or ``HSI_PRODUCTS``:

    HSI_PRODUCTS=DIR make test-engine PYTEST_ARGS="-k products"
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from hsi_engine.io.scenes.scene import Scene, SceneReader, describe_scene, find_usable_bands, open_scene
from hsi_engine.pixels.grid import describe_crs, same_crs
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

Product = dict[str, Any]

_SHARED = Path(__file__).resolve().parents[6].parent / "shared" / "data"
FOLDER = Path(os.environ.get("HSI_PRODUCTS") or Path(os.environ.get("HSI_TEST_DATA", _SHARED)) / "products").resolve()
# Words of the reason for which bands of each list are left out; those of a window may be called either.
_REASONS = {"unused_bands": ("unused",), "bad_windows_nm": ("window", "water vapour")}


def _products() -> list[Any]:
    file = FOLDER / "expected.json"
    listed = json.loads(file.read_text(encoding="utf-8"))["products"] if file.is_file() else []
    return [pytest.param(product, id=product["name"]) for product in listed]


def _masked(product: Product) -> list[list[int]]:
    """Pixels under clouds and their shadows, where they are stated on the grid of the scene."""
    masks = {} if "mask_axes" in product else product.get("masks", {})
    return [pixel for name in ("cloud", "cloudshadow") for pixel in masks.get(name, [])]


PRODUCTS = _products()


def test_there_are_products() -> None:
    assert PRODUCTS, f"{FOLDER / 'expected.json'} is missing or empty; HSI_PRODUCTS names the folder it lies in."


@pytest.mark.parametrize("product", PRODUCTS)
def test_place(product: Product) -> None:
    scene = describe_scene(FOLDER / product["entry"])
    assert scene.grid.shape == (product["rows"], product["cols"])
    if product["transform"] is None:
        assert not scene.grid.is_georeferenced
        assert any("no map coordinates" in note for note in scene.warnings)
    else:
        pixel = min(scene.grid.pixel_size)
        np.testing.assert_allclose(list(scene.grid.transform)[:6], product["transform"], rtol=0, atol=1e-4 * pixel)
        for named in (p for p in product["pixels"] if "x" in p):
            col, row = ~scene.grid.transform @ (named["x"], named["y"])
            assert (row, col) == pytest.approx((named["row"] + 0.5, named["col"] + 0.5), abs=0.02), named["name"]
    assert same_crs(scene.grid.crs, product["crs"]), (describe_crs(scene.grid.crs), product["crs"])


@pytest.mark.parametrize("product", PRODUCTS)
def test_bands(product: Product) -> None:
    with open_scene(FOLDER / product["entry"]) as reader:
        scene, good = reader.scene, good_bands(reader)
    assert len(scene.bands) == product["bands_in_file"]
    assert len(good) == product["good_bands"]
    for column, expected in ((scene.bands.wavelength_nm, "wavelength_nm"), (scene.bands.fwhm_nm, "fwhm_nm")):
        found = [column[band] for band in good]
        if product[expected] is None:
            assert found == [None] * len(good)
        else:
            np.testing.assert_allclose(np.array(found, float), product[expected], rtol=0, atol=2e-3)
    if product["wavelength_nm"] is not None:
        assert (np.diff([scene.bands.wavelength_nm[band] for band in good]) > 0).all()


@pytest.mark.parametrize("product", PRODUCTS)
def test_bands_that_are_left_out_have_their_reason(product: Product) -> None:
    with open_scene(FOLDER / product["entry"]) as reader:
        scene, good = reader.scene, good_bands(reader)
        empty = find_usable_bands(reader, SilentReporter()).empty
    left_out = sorted(set(range(len(scene.bands))) - set(good))
    reasons = {band: "empty" if band in empty else scene.why_bad(band) for band in left_out}
    assert all(reasons.values())
    for key, words in _REASONS.items():
        if product.get(key):
            assert any(word in reason for reason in reasons.values() for word in words), (key, reasons)
    lists = [product.get(key, []) for key in ("bad_bands", "empty_bands", "unused_bands")]
    assert len(left_out) == sum(map(len, lists))
    in_file = product["file_band"]
    if all(isinstance(number, int) for number in in_file) and in_file == sorted(in_file):
        assert [band + 1 for band in left_out] == sorted(lists[0] + lists[1])


@pytest.mark.parametrize("product", PRODUCTS)
def test_values_of_named_pixels(product: Product) -> None:
    with open_scene(FOLDER / product["entry"]) as reader:
        good = good_bands(reader)
        for named in product["pixels"]:
            values, stored = physical_values(
                reader, Window(row=named["row"], col=named["col"], height=1, width=1), good
            )
            listed = named.get(product["quantity"], named.get("reflectance"))
            expected = np.array([np.nan if value is None else value for value in listed])
            found = np.where(stored[:, 0, 0], values[:, 0, 0], np.nan)
            np.testing.assert_allclose(
                found, expected, rtol=0, atol=product["tolerance"] + 1e-7, err_msg=named["name"], equal_nan=True
            )


@pytest.mark.parametrize("product", PRODUCTS)
def test_pixels_without_data(product: Product) -> None:
    with open_scene(FOLDER / product["entry"]) as reader:
        _, stored = physical_values(reader, Window.of_shape(reader.scene.grid.shape), good_bands(reader))
    missing = np.argwhere(~stored.any(axis=0)).tolist()
    assert len(missing) == product["nodata_count"]
    assert missing[: len(product["nodata_first"])] == product["nodata_first"]


@pytest.mark.parametrize("product", [p for p in PRODUCTS if _masked(p.values[0])])
def test_clouds_and_their_shadows_are_masked_unless_they_are_kept(product: Product) -> None:
    whole, masked = Window.of_shape((product["rows"], product["cols"])), _masked(product)
    with open_scene(FOLDER / product["entry"]) as reader:
        bands = find_usable_bands(reader, SilentReporter()).indices
        valid = reader.read(whole, bands).valid
    with open_scene(describe_scene(FOLDER / product["entry"], quality="keep")) as reader:
        kept = reader.read(whole, bands).valid
    rows, cols = np.transpose(masked)
    assert not valid[rows, cols].any()
    assert kept[rows, cols].all()


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_window_of_some_bands_is_a_part_of_the_whole(product: Product) -> None:
    with open_scene(FOLDER / product["entry"]) as reader:
        count = len(reader.scene.bands)
        rows, cols = reader.scene.grid.shape
        whole, valid = reader.read_each(Window.of_shape((rows, cols)), range(count))
        for row, col, height, width in ((3, 5, 7, 4), (rows - 1, 0, 1, cols), (0, cols - 1, rows, 1), (11, 11, 1, 1)):
            window = Window(row=row, col=col, height=height, width=width)
            for bands in ([count // 2, 0, count - 1, 0], list(range(0, count, 7)), [count - 1]):
                part, part_valid = reader.read_each(window, bands)
                np.testing.assert_array_equal(part, whole[(bands, *window.slices())])
                np.testing.assert_array_equal(part_valid, valid[(bands, *window.slices())])


def good_bands(reader: SceneReader) -> list[int]:
    """0-based bands with data that are not bad; those that another detector has twice count, whether or not they are used."""
    twice = [band for band in range(len(reader.scene.bands)) if "overlap" in reader.scene.why_bad(band)]
    return sorted({*find_usable_bands(reader, SilentReporter()).indices, *twice})


def physical_values(
    reader: SceneReader, window: Window, bands: list[int]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Scaled numbers, and where they are not that of missing data, whatever masks say; both (bands, rows, cols)."""
    scene = reader.scene
    numbers, _ = reader.read_each(window, bands)
    scale, offset = (_column(values, bands) for values in (scene.scale, scene.offset))
    return numbers * scale + offset, ~_is_nodata(numbers, scene, bands)


def _is_nodata(numbers: npt.NDArray[Any], scene: Scene, bands: list[int]) -> npt.NDArray[np.bool_]:
    nodata = _column([np.nan if scene.band_nodata[band] is None else scene.band_nodata[band] for band in bands], None)
    return np.asarray((numbers == nodata) | ~np.isfinite(numbers))


def _column(values: Any, bands: list[int] | None) -> npt.NDArray[np.float64]:
    chosen = values if bands is None else [values[band] for band in bands]
    return np.array(chosen, np.float64)[:, None, None]
