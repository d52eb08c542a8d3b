from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pytest

import mission_products
from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.formats import block_cache
from hsi_engine.io.scenes.metadata.acquisition import acquisition_of
from hsi_engine.io.scenes.scene import SceneReader, describe_scene, open_scene
from hsi_engine.pixels.window import Window

ROWS, COLS, BANDS = 35, 38, 285
WHOLE = Window(row=0, col=0, height=ROWS, width=COLS)

Edit = Callable[[Any], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return mission_products.copy_product("emit_l2a", tmp_path)


@pytest.fixture
def product(folder: Path) -> Path:
    return next(file for file in folder.iterdir() if "_RFL_" in file.name)


def mask_of(product: Path) -> Path:
    return product.with_name(product.name.replace("_RFL_", "_MASK_"))


def edited(product: Path, change: Edit) -> Path:
    with h5py.File(product, "r+") as file:
        change(file)
    return product


def on_the_map(product: Path, raw: npt.NDArray[Any], fill: float) -> npt.NDArray[Any]:
    """An array (lines, samples, n) of the swath on the grid of the lookup table, (n, rows, cols), pixel by pixel."""
    with h5py.File(product) as file:
        lines, samples = file["location/glt_y"][()], file["location/glt_x"][()]
    found = np.full((raw.shape[2], *lines.shape), fill, raw.dtype)
    for row, col in np.argwhere(lines > 0):
        found[:, row, col] = raw[lines[row, col] - 1, samples[row, col] - 1]
    return found


def replaced(name: str, numbers: Any, **options: Any) -> Edit:
    def change(file: Any) -> None:
        attributes = {k: v for k, v in file[name].attrs.items() if k in ("_FillValue", "units")}
        data = numbers(file) if callable(numbers) else numbers
        del file[name]
        file.create_dataset(name, data=data, **options)
        file[name].attrs.update(attributes)

    return change


@pytest.mark.parametrize("chunks", [None, (5, 7, 40), (24, 28, 1), (1, 28, 285), (10, 28, 285)])
@pytest.mark.parametrize("kept", [256 << 20, 1000])
def test_every_window_is_gathered(
    product: Path, chunks: tuple[int, int, int] | None, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_cache, "MAX_BYTES", kept)
    with h5py.File(product) as file:
        raw = file["reflectance"][()]
    if chunks is not None:
        edited(product, replaced("reflectance", raw, chunks=chunks, compression="gzip"))
    expected = on_the_map(product, raw, -9999)
    with open_scene(product) as reader:
        for window, bands in (
            (WHOLE, list(range(BANDS))),
            (Window(row=17, col=0, height=1, width=COLS), [284, 3, 3, 100]),
            (Window(row=9, col=12, height=13, width=5), list(range(40, 60))),
            (Window(row=0, col=0, height=1, width=1), [0]),
        ):
            numbers, _ = reader.read_numbers(window, bands)
            np.testing.assert_array_equal(numbers, expected[(bands, *window.slices())])


def test_masks_lie_on_the_map_and_leave_out_clouds(product: Path) -> None:
    with h5py.File(mask_of(product)) as file:
        raw = file["mask"][()]
    expected = on_the_map(product, raw, 0) > 0
    with open_scene(product) as reader:
        scene = reader.scene
        names = [layer.name for layer in scene.quality_layers]
        marked = dict(zip(names, reader.read_quality(WHOLE, range(len(names))), strict=True))
        masked = reader.read(WHOLE, [30]).valid
    for name, place in (("cloud", 0), ("water", 2), ("close to a cloud", 4), ("aggregate flag", 7)):
        assert marked[name].any()
        np.testing.assert_array_equal(marked[name], expected[place])
    with open_scene(describe_scene(product, quality="keep")) as reader:
        kept = reader.read(WHOLE, [30]).valid
    np.testing.assert_array_equal(kept & ~masked, expected[4])  # water stays
    assert mask_of(product).name in scene.files[1]


@pytest.mark.parametrize("dtype", ["u1", "f8", "i8"])
def test_the_mask_of_single_bands_is_read_in_each_type(product: Path, dtype: str) -> None:
    edited(mask_of(product), replaced("band_mask", lambda file: file["band_mask"][()].astype(dtype)))
    with open_scene(product) as reader:
        layer = [layer.name for layer in reader.scene.quality_layers].index("defective in a band")
        marked = reader.read_quality(WHOLE, [layer])[0]
        assert reader.read(WHOLE, [41]).valid[18, 18]
    assert np.argwhere(marked).tolist() == [[18, 18]]


def test_without_a_mask_it_is_said(product: Path) -> None:
    mask_of(product).unlink()
    scene = describe_scene(product)
    assert scene.quality_layers == ()
    assert any("no mask file" in note for note in scene.warnings)


def test_a_mask_of_another_granule_is_not_used(product: Path) -> None:
    edited(mask_of(product), replaced("mask", np.ones((24, 27, 8), np.float32)))
    scene = describe_scene(product)
    assert scene.quality_layers == ()
    assert any("24×27 pixels; the swath has 24×28" in note for note in scene.warnings)


def test_a_mask_file_without_names_has_the_usual_layers(product: Path) -> None:
    expected = describe_scene(product).quality_layers
    edited(mask_of(product), lambda file: file.__delitem__("sensor_band_parameters"))
    assert describe_scene(product).quality_layers == expected


def as_float(fill: float) -> Callable[[str], Edit]:
    def of(name: str) -> Edit:
        def numbers(file: Any) -> npt.NDArray[Any]:
            table = file[name][()].astype(np.float64)
            return np.where(table == 0, fill, table)

        return replaced(name, numbers)

    return of


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_a_table_of_real_numbers(product: Path, fill: float) -> None:
    with open_scene(product) as reader:
        expected = reader.read(WHOLE, [7]).data
    for name in ("location/glt_x", "location/glt_y"):
        edited(product, as_float(fill)(name))
    with open_scene(product) as reader:
        np.testing.assert_array_equal(reader.read(WHOLE, [7]).data, expected)


def test_a_table_that_names_only_a_missing_value(product: Path) -> None:
    with open_scene(product) as reader:
        expected = reader.read(WHOLE, [7]).data

    def change(file: Any) -> None:
        for name in ("location/glt_x", "location/glt_y"):
            table = file[name][()]
            del file[name]
            file[name] = np.where(table == 0, -9999, table).astype("i4")
            file[name].attrs["missing_value"] = np.array([-9999], "i4")

    with open_scene(edited(product, change)) as reader:
        np.testing.assert_array_equal(reader.read(WHOLE, [7]).data, expected)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("location/glt_y", 25, "points to line 25 of a swath with 24 lines"),
        ("location/glt_x", 29, "points to sample 29 of a swath with 28 samples"),
        ("location/glt_x", -3, "points to sample -3 of a swath with 28 samples"),
    ],
)
def test_a_table_that_points_outside_the_swath(product: Path, name: str, value: int, words: str) -> None:
    def change(file: Any) -> None:
        file[name][20, 20] = value

    with pytest.raises(SceneError, match="cannot be read as an EMIT product") as caught:
        describe_scene(edited(product, change))
    assert words in caught.value.message


def test_what_is_known_of_it(product: Path) -> None:
    scene = describe_scene(product)
    assert acquisition_of(scene).day == "2023-04-28"
    assert (scene.driver, scene.texts["processing_level"]) == ("EMIT L2A", "L2A")
    assert scene.why_bad(130) == "in strong water vapour"
    window, bands = Window(row=3, col=4, height=20, width=9), [0, 200]
    with open_scene(scene) as reader, SceneReader(pickle.loads(pickle.dumps(scene))) as again:
        np.testing.assert_array_equal(again.read(window, bands).data, reader.read(window, bands).data)


def packed(file: Any) -> None:
    numbers = file["reflectance"][()]
    whole = np.where(numbers == -9999, -32767, np.round((numbers - 0.5) * 20000)).astype(np.int16)
    replaced("reflectance", whole)(file)
    file["reflectance"].attrs.update(_FillValue=np.int16(-32767), scale_factor=np.array([5e-5]), add_offset=0.5)


def test_packed_values_are_unpacked(product: Path) -> None:
    bands = [0, 100, 284]
    with open_scene(product) as reader:
        expected = reader.read(WHOLE, bands)
    with open_scene(edited(product, packed)) as reader:
        found = reader.read(WHOLE, bands)
    np.testing.assert_array_equal(found.valid, expected.valid)
    np.testing.assert_allclose(found.data[:, found.valid], expected.data[:, found.valid], rtol=0, atol=3e-5)


def test_the_unit_of_wavelengths_counts(product: Path) -> None:
    expected = describe_scene(product).bands

    def in_micrometres(file: Any) -> None:
        for name in ("wavelengths", "fwhm"):
            numbers = file[f"sensor_band_parameters/{name}"]
            numbers[...] = numbers[()] / 1000
            numbers.attrs["units"] = "um"

    found = describe_scene(edited(product, in_micrometres)).bands
    np.testing.assert_allclose(np.array(found.wavelength_nm, float), np.array(expected.wavelength_nm, float), atol=1e-3)
    np.testing.assert_allclose(np.array(found.fwhm_nm, float), np.array(expected.fwhm_nm, float), atol=1e-3)


def test_a_flag_that_is_no_number_is_not_good(product: Path) -> None:
    expected = describe_scene(product).bands.good
    flags = np.where(expected, 1.0, np.nan)
    assert (
        describe_scene(edited(product, replaced("sensor_band_parameters/good_wavelengths", flags))).bands.good
        == expected
    )


def test_without_flags_of_bands_it_is_said(product: Path) -> None:
    scene = describe_scene(edited(product, lambda file: file.__delitem__("sensor_band_parameters/good_wavelengths")))
    assert all(scene.bands.good)
    assert any("does not state which wavelengths are good" in note for note in scene.warnings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file.__delitem__("location"), "the group location is missing"),
        (lambda file: file.__delitem__("location/glt_y"), "the array location/glt_y is missing"),
        (lambda file: file.__delitem__("reflectance"), "the array reflectance is missing"),
        (lambda file: file.__delitem__("sensor_band_parameters"), "sensor_band_parameters/wavelengths is missing"),
        (lambda file: file.attrs.__delitem__("geotransform"), "the attribute geotransform is missing"),
        (lambda file: file.attrs.__setitem__("geotransform", "north"), "6 numbers are expected"),
        (replaced("sensor_band_parameters/wavelengths", np.arange(9.0)), "holds 9 numbers; the cube has 285 bands"),
        (replaced("location/glt_x", np.ones((3, 3), "i4")), "differ in size"),
    ],
)
def test_what_is_missing_or_wrong_is_named(product: Path, change: Edit, words: str) -> None:
    with pytest.raises(SceneError) as caught:
        describe_scene(edited(product, change))
    assert words in str(caught.value)


def test_the_mask_file_is_not_the_scene(product: Path) -> None:
    with pytest.raises(SceneError, match="not the one with the spectra") as caught:
        describe_scene(mask_of(product))
    assert product.name in caught.value.hint


def test_a_product_that_ends_early(product: Path) -> None:
    product.write_bytes(product.read_bytes()[:300_000])
    with pytest.raises(SceneError, match="an EMIT product, but truncated or damaged"):
        describe_scene(product)
