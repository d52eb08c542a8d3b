from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

import hsi_engine
from hsi_engine.errors import LabelError, SceneError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import SceneReader, describe_scene, open_scene
from hsi_engine.pixels.window import Window
from matlab_files import write_v73

ROWS, COLS, BANDS = 17, 23, 11
NM = np.linspace(420.0, 900.0, BANDS)

Writer = Callable[[Path, Mapping[str, Any]], Path]


def v5(path: Path, variables: Mapping[str, Any]) -> Path:
    scipy.io.savemat(path, dict(variables))
    return path


def v7(path: Path, variables: Mapping[str, Any]) -> Path:
    scipy.io.savemat(path, dict(variables), do_compression=True)
    return path


def v73(path: Path, variables: Mapping[str, Any]) -> Path:
    return write_v73(path, variables)


def v73_chunked(path: Path, variables: Mapping[str, Any]) -> Path:
    return write_v73(path, variables, chunks=(3, 5, 7), compression="gzip")


WRITERS = pytest.mark.parametrize("write", [v5, v7, v73, v73_chunked])


def cube(dtype: str = "uint16", seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(1, 9000, (ROWS, COLS, BANDS)).astype(dtype)


@WRITERS
@pytest.mark.parametrize("dtype", ["uint16", "float64", "int8"])
def test_every_window_and_band(tmp_path: Path, write: Writer, dtype: str) -> None:
    numbers = cube(dtype)
    path = write(tmp_path / "scene.mat", {"small": np.arange(3), "cube": numbers, "note": "by hand"})
    with open_scene(path) as reader:
        assert reader.scene.grid.shape == (ROWS, COLS)
        assert not reader.scene.grid.is_georeferenced
        for window, bands in (
            (Window.of_shape((ROWS, COLS)), range(BANDS)),
            (Window(row=3, col=20, height=9, width=3), [7, 0, 7, 10]),
            (Window(row=16, col=0, height=1, width=COLS), [4]),
        ):
            found, valid = reader.read_numbers(window, list(bands))
            np.testing.assert_array_equal(found, numbers[window.slices()][..., list(bands)].transpose(2, 0, 1))
            assert valid.all()


@WRITERS
def test_a_struct_with_its_wavelengths(tmp_path: Path, write: Writer) -> None:
    info = {"wavelength": NM, "fwhm": np.full(BANDS, 6.0), "units": "Nanometers"}
    other = {"wavelength": NM[:5]}
    path = write(tmp_path / "scene.mat", {"aaa": other, "hsi": {"Data": cube(), "info": info}})
    scene = describe_scene(path)
    np.testing.assert_allclose(np.array(scene.bands.wavelength_nm, float), NM)
    assert scene.bands.fwhm_nm == (6.0,) * BANDS
    assert not any("guessed" in note for note in scene.warnings)
    with open_scene(pickle.loads(pickle.dumps(scene))) as reader:
        found, _ = reader.read_numbers(Window(row=2, col=5, height=4, width=6), [3])
    np.testing.assert_array_equal(found[0], cube()[2:6, 5:11, 3])


def test_the_other_order_of_bytes(tmp_path: Path) -> None:
    def element(kind: int, data: bytes) -> bytes:
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    numbers = cube().astype(">u2")
    matrix = (
        element(6, struct.pack(">II", 11, 0))
        + element(5, struct.pack(">iii", ROWS, COLS, BANDS))
        + element(1, b"cube")
        + element(4, numbers.transpose(2, 1, 0).tobytes())
    )
    path = tmp_path / "scene.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI" + element(14, matrix))
    with open_scene(path) as reader:
        found, _ = reader.read_numbers(Window.of_shape((ROWS, COLS)), range(BANDS))
    np.testing.assert_array_equal(found, cube().transpose(2, 0, 1))


@WRITERS
def test_of_several_cubes_none_is_guessed(tmp_path: Path, write: Writer) -> None:
    path = write(tmp_path / "scene.mat", {"train": cube(seed=1), "test": cube(seed=2), "labels": np.ones((ROWS, COLS))})
    with pytest.raises(SceneError) as caught:
        describe_scene(path)
    assert "2 arrays of three dimensions" in caught.value.message
    assert f"train ({ROWS}×{COLS}×{BANDS})" in caught.value.message
    assert f'MAT:"{path}":t' in caught.value.hint
    with open_scene(f'MAT:"{path}":test') as reader:
        found, _ = reader.read_numbers(Window(row=0, col=0, height=1, width=2), [0])
    np.testing.assert_array_equal(found[0, 0], cube(seed=2)[0, :2, 0])


def test_the_name_by_which_gdal_lists_an_array_means_the_same_array(tmp_path: Path) -> None:
    truth = np.random.default_rng(3).integers(0, 4, (ROWS, COLS)).astype(np.uint8)
    path = v73(tmp_path / "all.mat", {"hsi": {"Data": cube()}, "map": truth})
    with open_scene(f'HDF5:"{path}"://hsi/Data') as reader:
        found, _ = reader.read_numbers(Window.of_shape((ROWS, COLS)), [6])
        labels = read_labels(f'HDF5:"{path}"://map', reader.scene.grid)
    np.testing.assert_array_equal(found[0], cube()[..., 6])
    np.testing.assert_array_equal(labels.pixels.values, truth[truth > 0])


@pytest.mark.parametrize("name", ["hsi", "Test", "labels", "text"])
def test_a_name_that_is_no_cube(tmp_path: Path, name: str) -> None:
    path = v73(tmp_path / "scene.mat", {"test": cube(), "labels": np.ones((ROWS, COLS)), "text": "words"})
    with pytest.raises(SceneError) as caught:
        describe_scene(f'MAT:"{path}":{name}')
    assert f"test ({ROWS}×{COLS}×{BANDS})" in str(caught.value)


@WRITERS
@pytest.mark.parametrize(("order", "axes"), [("bands first", (2, 0, 1)), ("bands between", (0, 2, 1))])
def test_wavelengths_say_which_dimension_holds_the_bands(
    tmp_path: Path, write: Writer, order: str, axes: tuple[int, int, int]
) -> None:
    path = write(tmp_path / "scene.mat", {"x": cube().transpose(axes), "Wavelengths": NM})
    with open_scene(path) as reader:
        assert any("as its wavelengths say" in note for note in reader.scene.warnings), order
        found, _ = reader.read_numbers(Window.of_shape((ROWS, COLS)), range(BANDS))
    np.testing.assert_array_equal(found, cube().transpose(2, 0, 1))


@WRITERS
@pytest.mark.parametrize("bands_first", [True, False])
def test_pixels_in_one_row_next_to_the_size_of_the_scene(tmp_path: Path, write: Writer, bands_first: bool) -> None:
    flat = cube("float64").transpose(1, 0, 2).reshape(-1, BANDS)  # down the columns, as MATLAB counts
    size = {"nRow": float(ROWS), "nCol": float(COLS)}
    path = write(tmp_path / "scene.mat", {"V": flat.T if bands_first else flat, **size})
    window = Window(row=4, col=6, height=5, width=9)
    with open_scene(path) as reader:
        assert reader.scene.grid.shape == (ROWS, COLS)
        found, _ = reader.read_numbers(window, [10, 2])
    np.testing.assert_array_equal(found, cube("float64")[window.slices()][..., [10, 2]].transpose(2, 0, 1))


def test_of_several_matrices_of_pixels_the_one_with_the_stated_bands_or_the_named_one(tmp_path: Path) -> None:
    spectra = cube("float64").transpose(1, 0, 2).reshape(-1, BANDS).T
    stated = {"M": np.ones((3, ROWS * COLS)), "Y": spectra, "nRow": float(ROWS), "nCol": float(COLS)}
    expected = cube("float64")[..., 4]
    without = v7(tmp_path / "scene.mat", stated)
    with pytest.raises(
        SceneError, match="holds 2 arrays with a column or row for each pixel, and none was chosen"
    ) as caught:
        describe_scene(without)
    assert f'MAT:"{without}":M' in caught.value.hint
    for chosen in (v7(tmp_path / "counted.mat", {**stated, "nBand": float(BANDS)}), f'MAT:"{without}":Y'):
        with open_scene(chosen) as reader:
            found, _ = reader.read_numbers(Window.of_shape((ROWS, COLS)), [4])
        np.testing.assert_array_equal(found[0], expected)


@pytest.mark.parametrize("variables", [{}, {"labels": np.ones((4, 5))}, {"text": "words", "list": np.arange(9.0)}])
def test_a_file_without_a_cube_lists_what_it_holds(tmp_path: Path, variables: dict[str, Any]) -> None:
    with pytest.raises(SceneError, match="holds no array of three dimensions") as caught:
        describe_scene(v7(tmp_path / "scene.mat", variables))
    for name in variables:
        assert name in caught.value.message


def test_cells_and_complex_numbers_are_no_cube(tmp_path: Path) -> None:
    cells = np.empty((2, 2), object)
    cells[:] = [[cube(), "a"], [np.arange(3), "b"]]
    path = v7(tmp_path / "scene.mat", {"cells": cells, "complex": cube() * 1j, "reflectance": cube()})
    assert any("The array reflectance" in note for note in describe_scene(path).warnings)


def test_wavelengths_of_another_number_are_named_and_not_used(tmp_path: Path) -> None:
    scene = describe_scene(v7(tmp_path / "scene.mat", {"cube": cube(), "wavelength": NM[:-1]}))
    assert scene.bands.wavelength_nm == (None,) * BANDS
    assert any(f"{BANDS - 1} values of 'wavelength' for {BANDS} bands" in note for note in scene.warnings)


@pytest.mark.parametrize("write", [v5, v7, v73])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_file_that_ends_early(tmp_path: Path, write: Writer, share: float) -> None:
    path = write(tmp_path / "scene.mat", {"cube": cube(), "wavelength": NM})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(SceneError, match="truncated or damaged"):
        describe_scene(path)


def test_a_compressed_variable_that_is_damaged_inside(tmp_path: Path) -> None:
    path = v7(tmp_path / "scene.mat", {"cube": cube()})
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 40] = bytes(40)
    path.write_bytes(raw)
    with pytest.raises(SceneError, match="truncated or damaged"), open_scene(path) as reader:
        reader.read(Window.of_shape((ROWS, COLS)), range(BANDS))


@pytest.mark.parametrize("write", [v5, v7, v73])
@pytest.mark.parametrize("dtype", ["uint8", "float64", "int32"])
def test_labels(tmp_path: Path, write: Writer, dtype: str) -> None:
    truth = np.random.default_rng(3).integers(0, 4, (ROWS, COLS))
    path = write(tmp_path / "gt.mat", {"gt": truth.astype(dtype)})
    with open_scene(v7(tmp_path / "scene.mat", {"cube": cube()})) as reader:
        labels = read_labels(path, reader.scene.grid)
    np.testing.assert_array_equal(labels.pixels.rows, np.nonzero(truth)[0])
    np.testing.assert_array_equal(labels.pixels.values, truth[truth > 0])


@pytest.mark.parametrize("write", [v7, v73])
def test_labels_in_the_file_of_the_cube(tmp_path: Path, write: Writer) -> None:
    truth = np.random.default_rng(3).integers(0, 4, (ROWS, COLS)).astype(np.uint8)
    path = write(tmp_path / "all.mat", {"cube": cube(), "endmembers": np.ones((BANDS, 3)), "map": truth})
    grid = describe_scene(path).grid
    assert int((read_labels(path, grid).pixels.values == 2).sum()) == int((truth == 2).sum())
    named = read_labels(f'MAT:"{path}":map', grid)
    assert named.source["sha256"] == read_labels(path, grid).source["sha256"]


def test_of_several_matrices_none_is_guessed(tmp_path: Path) -> None:
    path = v7(tmp_path / "gt.mat", {"TR": np.eye(ROWS, COLS), "TE": 2 * np.eye(ROWS, COLS)})
    grid = describe_scene(v7(tmp_path / "scene.mat", {"cube": cube()})).grid
    with pytest.raises(LabelError, match="2 arrays of two dimensions") as caught:
        read_labels(path, grid)
    assert f'MAT:"{path}":TR' in caught.value.hint
    assert set(read_labels(f'MAT:"{path}":TE', grid).pixels.values) == {2}


def test_labels_that_are_a_cube(tmp_path: Path) -> None:
    path = v7(tmp_path / "scene.mat", {"cube": cube()})
    with pytest.raises(LabelError, match="holds no array of two dimensions"):
        read_labels(path, describe_scene(path).grid)


def test_a_map_of_a_benchmark_scene(tmp_path: Path) -> None:
    truth = np.zeros((ROWS, COLS), np.uint8)
    truth[2:8, 2:20], truth[9:15, 2:20] = 1, 2
    numbers = cube() + 9000 * (truth == 2)[..., None]
    scene, labels = v7(tmp_path / "scene.mat", {"cube": numbers}), v7(tmp_path / "gt.mat", {"gt": truth})
    result = hsi_engine.train_and_classify(
        scene=scene,
        labels=labels,
        model="lda",
        split="random",
        output=tmp_path / "map.tif",
        model_output=tmp_path / "m.hsimodel",
    )
    assert result.mapping.classes[1]["pixels"] >= 100


def test_a_closed_scene_reads_no_more(tmp_path: Path) -> None:
    reader = SceneReader(describe_scene(v7(tmp_path / "scene.mat", {"cube": cube()})))
    reader.close()
    with pytest.raises((SceneError, ValueError)):
        reader.read(Window(row=0, col=0, height=1, width=1), [0])
