"""What holds for every format: who is asked first, what is made of what it states, and how its errors are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from hsi_engine.errors import SceneError
from hsi_engine.io.scenes.formats import catalogue
from hsi_engine.io.scenes.scene import SceneReader, describe_scene, find_usable_bands, open_scene
from hsi_engine.io.scenes.source import Scene, SceneFormat
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter
from hsi_engine.spectrum.bands import BandTable

ROWS, COLS, BANDS = 4, 7, 5
WINDOW = Window(row=0, col=1, height=3, width=6)


class Pixels:
    """Numbers that count up; all is data."""

    def __init__(self, scene: Scene) -> None:
        self.closed = False

    def read(self, window: Window, bands: Sequence[int]) -> np.ndarray[Any, Any]:
        cube = np.arange(BANDS * ROWS * COLS, dtype=np.int16).reshape(BANDS, ROWS, COLS)
        return cube[(list(bands), *window.slices())]

    def mask(self, window: Window, bands: Sequence[int]) -> None:
        return None

    def close(self) -> None:
        self.closed = True


STATED = Scene(
    path=Path("made/up"),
    grid=Grid(crs=None, transform=Affine.identity(), shape=(ROWS, COLS)),
    bands=BandTable(
        names=("a", "b", "c", "d", "e"),
        wavelength_nm=(500.0, 600.0, 0.7, None, None),
        fwhm_nm=(None,) * BANDS,
        good=(True, False, True, True, True),
    ),
    dtype="int16",
    nodata=40_000,
    scale=(0.0, 1.0, 1.0, 1.0, 0.5),
    offset=(0.0,) * BANDS,
    driver="Made up",
    block_shape=(2, COLS),
    transparent=(4,),
    bad_reasons={1: "in water vapour"},
    warnings=("Said by the format.",),
)


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[..., SceneFormat]:
    """Put a format at the head of the tuple; it recognises what is called ``made/…``."""

    def added(scene: Scene = STATED, pixels: type[Any] = Pixels, name: str = "made up") -> SceneFormat:
        made = SceneFormat(
            name=name,
            recognises=lambda path: path.parts[0] == "made",
            describe=lambda path: replace(scene, path=path),
            open=pixels,
        )
        monkeypatch.setattr(catalogue, "FORMATS", (made, *catalogue.FORMATS))
        return made

    return added


Register = Callable[..., SceneFormat]


def test_gdal_is_asked_last_and_takes_everything() -> None:
    assert catalogue.FORMATS[-1].name == "gdal"
    assert catalogue.FORMATS[-1].recognises(Path("nowhere"))
    assert len({known.name for known in catalogue.FORMATS}) == len(catalogue.FORMATS)


def test_the_first_that_recognises_a_path_has_it(register: Register, scene_path: Path) -> None:
    register(replace(STATED, driver="Later"))
    register(name="first")
    assert (describe_scene("made/up").driver, describe_scene("made/up").format) == ("Made up", "first")
    assert describe_scene(scene_path).format == "gdal"


def test_what_a_format_states_is_judged_by_the_rules_of_all(register: Register) -> None:
    register()
    scene = describe_scene("made/up", nodata=1e6)
    assert scene.warnings == (
        "The scene has no map coordinates; pixel coordinates are used.",
        "Said by the format.",
        "The wavelength of band 4 is not known.",
        "The wavelength of band 3 (0.7 nm) is outside the range of imaging spectrometers; probably these are micrometres: check the unit in the file.",
        "Band 5 is marked as transparency (alpha) and used as a mask, not as a band.",
        "Scale 0 and offset 0 of band 1 were ignored.",
        "The nodata value 40000 of the file cannot occur in int16, so it marks no pixel.",
        "The nodata value 1000000 that was given cannot occur in int16, so it marks no pixel.",
    )
    assert scene.scale == (1.0, 1.0, 1.0, 1.0, 0.5)
    assert scene.bands.good == (True, False, True, True, False)
    assert scene.shown_scaling == ((1.0, 0.0),) * BANDS


def test_wavelengths_that_no_spectrometer_measures_are_dropped_and_said(register: Register) -> None:
    impossible = replace(STATED.bands, wavelength_nm=(400_000.0,) * 4 + (None,))
    register(replace(STATED, bands=impossible))
    scene = describe_scene("made/up")
    assert not any(scene.bands.wavelength_nm)
    assert any(note.startswith("The wavelengths of the file are not used") for note in scene.warnings)


def test_bands_are_left_out_for_the_reasons_of_the_format(register: Register) -> None:
    register(replace(STATED, bands=replace(STATED.bands, good=(False, False, True, True, True))))
    with open_scene("made/up") as reader:
        usable = find_usable_bands(reader, SilentReporter())
    assert usable.describe(reader.scene) == (
        "2 of 5 bands are used; left out: 1 (flagged bad by the file); 2 (in water vapour);"
        " 5 (transparency (alpha), used as a mask)."
    )


def test_masks_and_transparency_meet_in_the_reader(register: Register) -> None:
    class Masked(Pixels):
        def read(self, window: Window, bands: Sequence[int]) -> np.ndarray[Any, Any]:
            numbers = super().read(window, bands).copy()
            numbers[[band == 4 for band in bands], 1] = 0  # opaque but for the second row
            return numbers

        def mask(self, window: Window, bands: Sequence[int]) -> Any:
            valid = np.ones((len(bands), *window.shape), bool)
            valid[[band == 2 for band in bands], :, 3] = False
            return valid

    register(pixels=Masked)
    with open_scene("made/up") as reader:
        valid = reader.read_validity(WINDOW, (2, 0))
    assert not valid[:, 1].any()
    assert not valid[0, :, 3].any()
    assert valid.sum() == 2 * 2 * 6 - 2


def test_pixels_that_cannot_be_read_are_told_with_their_place(register: Register) -> None:
    class Damaged(Pixels):
        def read(self, window: Window, bands: Sequence[int]) -> np.ndarray[Any, Any]:
            raise OSError("the chunk is gone.")

    register(pixels=Damaged)
    with open_scene("made/up") as reader, pytest.raises(SceneError) as caught:
        reader.read(WINDOW, (0,))
    assert caught.value.code == "scene.read_failed"
    assert caught.value.message == "Reading rows 0–2, columns 1–6 of made/up failed: the chunk is gone."
    assert reader._source.closed


@pytest.mark.parametrize("name", ["scale", "offset", "band_nodata", "shown_scaling"])
def test_a_format_that_forgets_a_band_is_caught(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} has 2 entries for 5 bands"):
        replace(STATED, **{name: (1.0, 1.0)})


def test_a_scene_of_a_format_that_is_not_there_cannot_be_opened() -> None:
    with pytest.raises(ValueError, match=r"described by the format 'made up'; known here are .*envi, gdal"):
        SceneReader(replace(STATED, format="made up"))
