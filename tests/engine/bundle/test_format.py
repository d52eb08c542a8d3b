"""The container: equal bytes out, and nothing strange in."""

from __future__ import annotations

import gzip
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from hsi_engine.bundle.format import LIMITS, read_members, write_members
from hsi_engine.errors import BundleError, OutputError

MEMBERS = {name: f"content of {name}".encode() * 5 for name in LIMITS}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "m.hsimodel"
    write_members(target, MEMBERS)
    return target


def pack(path: Path, members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_round_trip_and_equal_bytes(path: Path) -> None:
    assert read_members(path) == MEMBERS
    other = path.with_name("other.hsimodel")
    write_members(other, dict(reversed(MEMBERS.items())))
    assert other.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "an empty file"),
        (b"II*\x00" + bytes(20), "a TIFF raster"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"SQLite format 3\x00", "an SQLite database, such as a GeoPackage"),
        (gzip.compress(b"x", mtime=0), "a gzip archive"),
        (pickle.dumps({"a": 1}), "a Python pickle"),
        (b'{"format": "hsimodel"}', "JSON text"),
        (b"<qgis/>", "XML or HTML text"),
        (struct.pack("<Q", 2) + b"{}" + bytes(9), "a bare safetensors file"),
        (b"some words", "something else"),
    ],
)
def test_other_kinds_of_files_are_named(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "m.hsimodel"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=f"not a model.*found {kind}") as caught:
        read_members(path)
    assert caught.value.code == "model.not_a_model"


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="does not exist"):
        read_members(tmp_path / "none.hsimodel")
    with pytest.raises(BundleError, match="a folder"):
        read_members(tmp_path)


def test_pytorch_checkpoint_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "m.pt", {"archive/data.pkl": b"", "archive/version": b"3"})
    with pytest.raises(BundleError, match="PyTorch checkpoint"):
        read_members(path)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_truncated(path: Path, keep: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(BundleError, match="archive is truncated"):
        read_members(path)


def test_every_flipped_byte_is_refused_or_harmless(path: Path) -> None:
    content = path.read_bytes()
    refused = 0
    for position in range(len(content)):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        try:
            found = read_members(path)
        except BundleError:
            refused += 1
        else:
            # Timestamps, versions and attributes of the zip may change; the members may not.
            assert found == MEMBERS
    assert refused > sum(map(len, MEMBERS.values()))


def test_flipped_content_is_reported_as_damage(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"content of weights", b"c0ntent of weights", 1))
    with pytest.raises(BundleError, match=r"damaged.*CRC.*weights\.safetensors"):
        read_members(path)


@pytest.mark.parametrize("name", list(LIMITS))
def test_missing_member(tmp_path: Path, name: str) -> None:
    members = {k: v for k, v in MEMBERS.items() if k != name}
    with pytest.raises(BundleError, match=rf"1 member missing: {name}"):
        read_members(pack(tmp_path / "m.hsimodel", members))


@pytest.mark.parametrize(
    "name", ["extra.txt", "../manifest.json", "/etc/passwd", "sub/manifest.json", "..\\x", "MANIFEST.JSON", "a\x00b"]
)
def test_member_that_does_not_belong(tmp_path: Path, name: str) -> None:
    path = pack(tmp_path / "m.hsimodel", {**MEMBERS, name.replace("\x00", "?"): b""})
    path.write_bytes(path.read_bytes().replace(b"a?b", b"a\x00b"))
    with pytest.raises(BundleError, match=r"1 member of the file does not belong in a model"):
        read_members(path)


def test_name_that_zip_programs_would_cut_short(tmp_path: Path) -> None:
    members = {("MODEL_CARD.md?x" if k == "MODEL_CARD.md" else k): v for k, v in MEMBERS.items()}
    path = pack(tmp_path / "m.hsimodel", members)
    path.write_bytes(path.read_bytes().replace(b"MODEL_CARD.md?x", b"MODEL_CARD.md\x00x"))
    with pytest.raises(BundleError, match="does not belong in a model, such as"):
        read_members(path)


def test_thousands_of_members(tmp_path: Path) -> None:
    path = pack(tmp_path / "m.hsimodel", {**MEMBERS, **{f"x{i}": b"" for i in range(3000)}})
    with pytest.raises(BundleError, match=r"3,000 members of the file do not belong"):
        read_members(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicated_member(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("manifest.json", b"another")
    with pytest.raises(BundleError, match=r"'manifest.json' occurs more than once"):
        read_members(path)


def test_zip_bomb(tmp_path: Path) -> None:
    path = pack(tmp_path / "m.hsimodel", {**MEMBERS, "manifest.json": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(BundleError, match=r"'manifest.json' is compressed: .* would become 10,000,000"):
        read_members(path)


def test_member_over_its_limit(tmp_path: Path) -> None:
    path = pack(tmp_path / "m.hsimodel", {**MEMBERS, "MODEL_CARD.md": bytes(LIMITS["MODEL_CARD.md"] + 1)})
    with pytest.raises(BundleError, match=r"'MODEL_CARD.md' has 1,048,577 bytes; at most 1,048,576"):
        read_members(path)


def test_declared_size_over_the_limit_is_refused_without_reading(path: Path) -> None:
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")  # the first entry of the central directory: manifest.json
    struct.pack_into("<II", content, entry + 20, 4_000_000_000, 4_000_000_000)
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"'manifest\.json' has 4,000,000,000 bytes"):
        read_members(path)


def test_declared_size_below_the_actual_one(path: Path) -> None:
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 3)  # uncompressed size only
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"compressed: .* would become 3"):
        read_members(path)
    struct.pack_into("<I", content, entry + 20, 3)  # both sizes: less is read than was stored
    path.write_bytes(content)
    with pytest.raises(BundleError, match="damaged"):
        read_members(path)


def test_declared_size_beyond_the_end_of_the_file(path: Path) -> None:
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    struct.pack_into("<II", content, entry + 20, 500_000, 500_000)
    path.write_bytes(content)
    with pytest.raises(BundleError, match="damaged"):
        read_members(path)


def test_hidden_bytes_between_members(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(100_000) + path.read_bytes())
    with pytest.raises(BundleError, match="contains extra data outside its members"):
        read_members(path)


def test_file_larger_than_any_model(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(70_000))
    with pytest.raises(BundleError, match="a model has at most 65,936"):
        read_members(path, dict.fromkeys(LIMITS, 100))


def test_encrypted_member(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match="encrypted"):
        read_members(path)


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_members(tmp_path / "none" / "m.hsimodel", MEMBERS)
