"""Products with bytes flipped, parts removed and elements changed: a result or an error in words, never anything else."""

from __future__ import annotations

import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import mission_products
from hsi_engine.errors import HsiError
from hsi_engine.io.scenes.choices.quality_counts import count_quality
from hsi_engine.io.scenes.scene import find_usable_bands, open_scene
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

# HSI_MUTATIONS=200 for a thorough look.
COUNT = int(os.environ.get("HSI_MUTATIONS", "25"))
VALUES = ("", "NaN", "-1", "1e400", "0", "abc", "1,2", "99999999999", "\u00e9", "1-9999,3")

Mutation = Callable[[random.Random, Path], None]


def flip_bytes(generator: random.Random, product: Path) -> None:
    file = generator.choice(sorted(product.iterdir()))
    content = bytearray(file.read_bytes())
    for _ in range(generator.choice((1, 5, 50))):
        content[generator.randrange(len(content))] = generator.randrange(256)
    file.write_bytes(content)


def flip_early_bytes(generator: random.Random, product: Path) -> None:
    file = generator.choice([file for file in sorted(product.iterdir()) if "xml" not in file.name.lower()])
    content = bytearray(file.read_bytes())
    for _ in range(3):
        content[generator.randrange(min(len(content), 400))] = generator.randrange(256)
    file.write_bytes(content)


def cut(generator: random.Random, product: Path) -> None:
    file = generator.choice(sorted(product.iterdir()))
    file.write_bytes(file.read_bytes()[: generator.randrange(file.stat().st_size)])


def remove_file(generator: random.Random, product: Path) -> None:
    generator.choice(sorted(product.iterdir())).unlink()


def edit_metadata(generator: random.Random, product: Path) -> None:
    file = mission_products.part(product, "METADATA.XML")
    text = file.read_text(encoding="utf-8")
    for _ in range(generator.choice((1, 3))):
        found = generator.choice(list(re.finditer(r"<(\w+)>([^<>]*)</\1>", text)))
        new = generator.choice(
            ("", f"<{found[1]}>{generator.choice(VALUES)}</{found[1]}>", found[0] * 2, f"<{found[1]}><x/></{found[1]}>")
        )
        text = text[: found.start()] + new + text[found.end() :]
    file.write_text(text, encoding="utf-8")


def edit_bands(generator: random.Random, product: Path) -> None:
    file = mission_products.part(product, "METADATA.XML")
    head, listed, tail = re.split(
        r"(<bandCharacterisation>.*</bandCharacterisation>)", file.read_text(), flags=re.DOTALL
    )
    found = generator.choice(list(re.finditer(r'>([^<>\s]+)<|"(\d+)"', listed)))
    group = 1 if found[1] else 2
    listed = listed[: found.start(group)] + generator.choice(VALUES) + listed[found.end(group) :]
    file.write_text(head + listed + tail, encoding="utf-8")


MUTATIONS: tuple[Mutation, ...] = (flip_bytes, flip_early_bytes, cut, remove_file, edit_metadata, edit_bands)


def outcome(path: Path) -> str:
    """What a job says of a scene, in small: how it is described, or the error."""
    try:
        with open_scene(path) as reader:
            find_usable_bands(reader, SilentReporter())
            count_quality(reader, SilentReporter())
            reader.read(Window.of_shape(reader.scene.grid.shape), [0])
            return f"{len(reader.scene.bands)} bands of {reader.scene.driver}"
    except HsiError as error:
        return error.message


@pytest.mark.parametrize("number", range(COUNT))
@pytest.mark.parametrize("kind", ["enmap_l2a", "desis_l2a"])
def test_a_result_or_words(tmp_path: Path, kind: str, number: int) -> None:
    generator = random.Random(f"{kind} {number}")
    product = mission_products.copy_product(kind, tmp_path)
    metadata = mission_products.part(product, "METADATA.XML")
    MUTATIONS[number % len(MUTATIONS)](generator, product)
    chosen = generator.choice((metadata, product))
    assert len(outcome(chosen)) > 10


@pytest.mark.parametrize("number", range(max(8, COUNT // 4)))
def test_a_damaged_archive(tmp_path: Path, number: int) -> None:
    generator = random.Random(number)
    product = mission_products.copy_product("enmap_l2a", tmp_path)
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for member in sorted(product.iterdir()):
            file.write(member, f"product/{member.name}")
    content = bytearray(archive.read_bytes())
    for _ in range(generator.choice((3, 30, 300))):
        # The list of the archive is at its end.
        place = generator.randrange(len(content)) if number % 2 else -generator.randrange(1, 3000)
        content[place] = generator.randrange(256)
    archive.write_bytes(content)
    assert len(outcome(archive)) > 10
