"""A damaged product gives an error in words, or is read: never a traceback, and never the memory of a machine.

``HSI_MUTATIONS`` is the number of damages to each product, 25 unless it is set.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hsi_engine.errors import HsiError
from hsi_engine.io.rasters.hdf5_files.opening import is_hdf5
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.pixels.window import Window

_SHARED = Path(__file__).resolve().parents[6].parent / "shared" / "data"
FOLDER = Path(os.environ.get("HSI_TEST_DATA", _SHARED)) / "products"
FAMILIES = ("prisma_l2d", "emit_l2a", "neon_aop", "tanager_ortho_sr", "mat_v5", "mat_v73")
COUNT = int(os.environ.get("HSI_MUTATIONS", "25"))
_ODD_VALUES: tuple[Any, ...] = (
    "words",
    b"\xff\xfe",
    np.float64("nan"),
    np.float64(-1e300),
    np.arange(7),
    np.zeros((3, 3)),
    np.array(["a", "b"], dtype="S1"),
    2**62,
    0,
)


def entries() -> list[Path]:
    listed = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))["products"]
    return [FOLDER / product["entry"] for product in listed if product["name"] in FAMILIES]


@pytest.mark.filterwarnings("ignore")  # numpy's on numbers that make no sense
@pytest.mark.parametrize("entry", entries(), ids=lambda path: path.parent.name)
def test_damages(entry: Path, tmp_path: Path) -> None:
    found = []
    for seed in range(COUNT):
        folder = tmp_path / str(seed)
        shutil.copytree(entry.parent, folder)
        damage(folder / entry.name, np.random.default_rng(seed))
        found.append(outcome(folder / entry.name))
        shutil.rmtree(folder)
    refused = [error for error in found if error is not None]
    assert all(len(error.message) > 20 and error.hint for error in refused), refused
    assert refused


def outcome(path: Path) -> HsiError | None:
    """The error of a scene; None if it was read."""
    try:
        with open_scene(path) as reader:
            rows, cols = reader.scene.grid.shape
            if rows * cols * reader.scene.pixel_bytes < 1 << 26:
                reader.read(Window.of_shape((rows, cols)), range(len(reader.scene.bands)))
    except HsiError as error:
        return error
    return None


def damage(path: Path, rng: np.random.Generator) -> None:
    kind = rng.integers(4)
    if kind == 3 and is_hdf5(path):
        damage_contents(path, rng)
        return
    raw = bytearray(path.read_bytes())
    if kind == 0:
        del raw[int(rng.integers(1, len(raw))) :]
    elif kind == 1:
        start = int(rng.integers(len(raw)))
        raw[start : start + 64] = bytes(len(raw[start : start + 64]))
    else:
        # Where the structure stands more often than where the numbers stand.
        for place in rng.integers(0, rng.choice([600, 4000, len(raw)]), 12):
            raw[min(int(place), len(raw) - 1)] = int(rng.integers(256))
    path.write_bytes(raw)


def damage_contents(path: Path, rng: np.random.Generator) -> None:
    """Remove, rename or replace a part of an HDF5 file, or change what an attribute holds."""
    import h5py

    with h5py.File(path, "r+") as file:
        names: list[str] = [""]
        file.visit(names.append)
        attributes = [(name, key) for name in names for key in file[name or "/"].attrs]
        if attributes and rng.integers(2):
            name, key = attributes[rng.integers(len(attributes))]
            odd = _ODD_VALUES[rng.integers(len(_ODD_VALUES) + 1) - 1]
            del file[name or "/"].attrs[key]
            if rng.integers(3):
                file[name or "/"].attrs[key] = odd
            return
        name = names[rng.integers(1, len(names))]
        item = file[name]
        shape = getattr(item, "shape", ())
        del file[name]
        choice = rng.integers(4)
        if choice == 0:
            file[name] = _ODD_VALUES[rng.integers(2, len(_ODD_VALUES))]
        elif choice == 1:
            file.create_group(name)
        elif choice == 2 and shape:
            file.create_dataset(name, data=np.full(shape[::-1], 77, dtype="f8"))
        # Else it is gone.
