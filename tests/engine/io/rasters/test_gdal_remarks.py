"""What GDAL warns of reaches people without the names that its library gives to kinds of warnings."""

from __future__ import annotations

import struct
from pathlib import Path

import make_scenes
from hsi_engine.io.scenes.scene import open_scene

BITS_PER_SAMPLE = 258


def test_a_remark_of_gdal_is_told_without_the_name_of_its_kind(tmp_path: Path) -> None:
    scene = make_scenes.write_scene(tmp_path / "odd.tif", rows=20, cols=17, bands=5, block=None)
    content = bytearray(scene.read_bytes())
    directory = struct.unpack_from("<I", content, 4)[0]
    for entry in range(struct.unpack_from("<H", content, directory)[0]):
        place = directory + 2 + 12 * entry
        if struct.unpack_from("<H", content, place)[0] == BITS_PER_SAMPLE:
            struct.pack_into("<H", content, place, 59_999)
    scene.write_bytes(content)
    with open_scene(scene) as reader:
        told = [text for text in reader.scene.warnings if text.startswith("GDAL says: ")]
    assert len(told) == 1
    assert "tags are not sorted in ascending order" in told[0]
    assert "CPLE" not in told[0]
