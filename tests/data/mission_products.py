"""Copies of the miniature mission products in the shared data, to be changed by a test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
FOLDER = Path(os.environ.get("HSI_TEST_DATA", SHARED)).resolve() / "products"


def copy_product(name: str, folder: Path) -> Path:
    """A product in a folder of its own, writable."""
    copy = folder / name
    copy.mkdir(parents=True)
    for file in (FOLDER / name).iterdir():
        shutil.copyfile(file, copy / file.name)
    return copy


def part(product: Path, ending: str) -> Path:
    """The file of a product with this ending, such as METADATA.XML."""
    (found,) = (file for file in product.iterdir() if file.name.lower().endswith(ending.lower()))
    return found


def rename(product: Path, new_name: Callable[[str], str]) -> None:
    """Give all files of a product another name."""
    for file in sorted(product.iterdir()):
        file.rename(file.with_name(new_name(file.name)))


def edit(file: Path, pattern: str, replacement: str, *, count: int = 0) -> None:
    """Replace what matches in a text file. Fails if nothing does."""
    text, changed = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), count=count, flags=re.DOTALL)
    assert changed, pattern
    file.write_text(text, encoding="utf-8")
