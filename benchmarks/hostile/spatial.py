"""Damage to spatial files where GDAL and SQLite write what bytes alone seldom reach: places, systems, tables, tags."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
import struct
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

from . import odd
from .damage import bytes_of, text_of, xml_of

_FLOATS = (0.0, -0.0, 1e308, -1e308, float("inf"), float("-inf"), float("nan"), 1e-320, 1e20, 364100.0, 90.0, 2.0**53)


def database(rng: random.Random, file: Path) -> None:
    """A GeoPackage with cells, geometries, columns or tables changed; the triggers of its indices are taken out first."""
    if rng.random() < 0.2:
        file.write_bytes(bytes_of(rng, file.read_bytes()))
        return
    with closing(sqlite3.connect(file)) as base:
        _drop_triggers(base)
        tables = [str(name) for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in tables if not name.startswith(("rtree_", "sqlite_"))]
        for _ in range(rng.choice((1, 1, 2))):
            with contextlib.suppress(sqlite3.Error, OverflowError, UnicodeEncodeError):
                _change_table(rng, base, rng.choice(own))
        base.commit()


def _drop_triggers(base: sqlite3.Connection) -> None:
    for (name,) in list(base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        base.execute(f'DROP TRIGGER "{name}"')


def _change_table(rng: random.Random, base: sqlite3.Connection, table: str) -> None:
    columns = [row[1] for row in base.execute(f'PRAGMA table_info("{table}")')]
    rows = [row[0] for row in base.execute(f'SELECT rowid FROM "{table}"')]
    column, kind = rng.choice(columns), rng.randrange(10)
    if kind == 0:
        base.execute(f'DROP TABLE "{table}"')
    elif kind == 1:
        base.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "{rng.choice(("x", "fid2", "geom2"))}"')
    elif kind == 2:
        base.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (rng.choice(rows or [0]),))
    elif kind == 3:
        base.execute("PRAGMA writable_schema = ON")
        sql = base.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        changed = text_of(rng, str(sql).encode()).decode("utf-8", "replace")
        base.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (changed, table))
    elif rows:
        row = rng.choice(rows)
        value = base.execute(f'SELECT "{column}" FROM "{table}" WHERE rowid = ?', (row,)).fetchone()[0]
        new = geometry(rng, value) if isinstance(value, bytes) else _cell(rng, value)
        everywhere = rng.random() < 0.2
        base.execute(
            f'UPDATE "{table}" SET "{column}" = ?' + ("" if everywhere else f" WHERE rowid = {int(row)}"), (new,)
        )


def _cell(rng: random.Random, value: Any) -> Any:
    text = isinstance(value, str) and value[:1] in "[{" and value
    if text and rng.random() < 0.7:
        from .damage import json_of

        return json_of(rng, value.encode()).decode("utf-8", "replace")
    if rng.random() < 0.4:
        return rng.choice((None, 0, -1, 1, 2**31, 2**53, 2**63 - 1, -(2**63), *_FLOATS, b"", b"\xff\xfe", b"abc"))
    return odd.word(rng).encode("utf-8", "replace").decode()


def geometry(rng: random.Random, blob: bytes) -> bytes:
    """A geometry with other coordinates, counts, types, or one collection within another."""
    data, kind = bytearray(blob), rng.randrange(7)
    begin = 8 + (0, 32, 48, 48, 64)[min((blob[3] >> 1) & 7, 4)] if blob[:2] == b"GP" and len(blob) > 8 else 0
    if kind <= 2 and len(data) > begin + 25:
        # Coordinates are the last numbers of the blob.
        count = (len(data) - begin - 9) // 8
        for _ in range(rng.choice((1, 2, 100))):
            place = len(data) - 8 * rng.randrange(1, max(2, count))
            data[place : place + 8] = struct.pack("<d", rng.choice(_FLOATS))
    elif kind == 3:
        data[begin + 1 : begin + 5] = struct.pack(
            "<I", rng.choice((0, 1, 2, 4, 5, 7, 10, 15, 17, 999, 1003, 2003, 3003, 2**32 - 1))
        )
    elif kind == 4:
        data[begin + 5 : begin + 9] = struct.pack("<I", rng.choice((0, 1, 2**16, 2**28, 2**32 - 1)))
    elif kind == 5:
        depth = rng.choice((10, 40, 5000, odd.DEEP))
        data[begin:] = (b"\x01" + struct.pack("<II", 7, 1)) * depth + bytes(blob[begin:])
    else:
        return bytes_of(rng, blob)
    return bytes(data)


def geojson(rng: random.Random, content: bytes) -> bytes:
    """A GeoJSON file with other coordinates, another system, or its JSON damaged."""
    from .damage import json_of

    data, kind = json.loads(content), rng.randrange(8)
    features = data["features"]
    shape = rng.choice(features)["geometry"] if features else None
    if kind == 0:
        data["crs"] = {"type": "name", "properties": {"name": rng.choice(odd.CRS)}}
    elif kind <= 2 and shape:
        ring = shape["coordinates"]
        while isinstance(ring[0], list) and isinstance(ring[0][0], list):
            ring = ring[0]
        for _ in range(rng.choice((1, 3))):
            ring[rng.randrange(len(ring))] = rng.choice(
                (
                    [1e308, 1e308],
                    [10**400, 0],
                    [],
                    [1],
                    [None, None],
                    ["a", "b"],
                    [1, 2, 3, 4],
                    [-1e308, 0],
                    [float("inf"), 0],
                    5,
                )
            )
    elif kind == 3 and shape:
        shape["type"] = rng.choice(("Point", "LineString", "GeometryCollection", "MultiPolygon", "Circle", "", 1))
    elif kind == 4 and shape:
        for _ in range(rng.choice((30, 300))):
            shape = {"type": "GeometryCollection", "geometries": [shape]}
        features[0]["geometry"] = shape
    else:
        return json_of(rng, content)
    text = json.dumps(data)
    return text.replace("Infinity", "1e999").encode()


def shapefile(rng: random.Random, file: Path) -> None:
    """One of the parts of a shapefile damaged."""
    part = file.with_suffix(rng.choice((".shp", ".shp", ".shx", ".dbf", ".dbf", ".prj", ".cpg")))
    if part.suffix == ".prj":
        text = text_of(rng, part.read_bytes()) if rng.random() < 0.5 and part.exists() else wkt(rng).encode()
        part.write_bytes(text)
    elif part.suffix == ".cpg":
        part.write_bytes(rng.choice((*odd.ENCODINGS, odd.word(rng))).encode("utf-8", "replace"))
    elif rng.random() < 0.1:
        part.unlink()
    elif part.suffix == ".shp" and rng.random() < 0.6:
        data = bytearray(part.read_bytes())
        for _ in range(rng.choice((1, 5, 50))):
            place = 100 + 4 * rng.randrange(max(1, (len(data) - 108) // 4))
            data[place : place + 8] = struct.pack("<d", rng.choice(_FLOATS))
        part.write_bytes(data)
    else:
        part.write_bytes(bytes_of(rng, part.read_bytes()))


def wkt(rng: random.Random) -> str:
    """The text of an odd CRS; nonsense as it is."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    name = rng.choice(odd.CRS)
    with contextlib.suppress(CRSError, RuntimeError):
        return str(CRS(name).to_wkt("WKT1_ESRI" if rng.random() < 0.5 else "WKT2_2019"))
    return name


def raster(rng: random.Random, file: Path) -> None:
    """A GeoTIFF with another transform, system, nodata, scale, tag or name of a band, or with its bytes damaged."""
    import rasterio
    from affine import Affine

    kind = rng.randrange(10)
    if kind <= 2:
        file.write_bytes(bytes_of(rng, file.read_bytes()))
        return
    with (
        warnings.catch_warnings(),
        contextlib.suppress(ValueError, TypeError, RuntimeError, OverflowError, rasterio.errors.RasterioError),
    ):
        warnings.simplefilter("ignore")
        with rasterio.open(file, "r+") as target:
            if kind == 3:
                target.transform = Affine(*(rng.choice((*_FLOATS, 30.0, -30.0, 1.0)) for _ in range(6)))
            elif kind == 4:
                given = list(target.transform)[:6]
                given[rng.randrange(6)] = rng.choice(_FLOATS)
                target.transform = Affine(*given)
            elif kind == 5:
                target.crs = wkt(rng)
            elif kind == 6:
                target.nodata = rng.choice((*_FLOATS[2:7], 0, -1, 1, 255, 65535, -32768, 5))
            elif kind == 7:
                target.scales = [rng.choice(_FLOATS) for _ in target.scales]
                target.offsets = [rng.choice(_FLOATS) for _ in target.offsets]
            elif kind == 8:
                for band in rng.sample(range(1, target.count + 1), rng.choice((1, target.count))):
                    key = rng.choice(
                        ("wavelength", "wavelength_units", "fwhm", "bbl", "CLASS_NAMES", "STATISTICS_MEAN")
                    )
                    target.update_tags(band, **{key: odd.word(rng).replace("\x00", "")})
            else:
                key = rng.choice(
                    (
                        "wavelength",
                        "CLASS_NAMES",
                        "AREA_OR_POINT",
                        "TIFFTAG_DATETIME",
                        "acquisition",
                        "HSI_MODEL_ID",
                        "HSI_MADE_WITH",
                    )
                )
                target.update_tags(**{key: odd.word(rng)})
                target.set_band_description(1, odd.word(rng)[:5000])


def header(rng: random.Random, content: bytes) -> bytes:
    """An ENVI header with other keys and values, in other letters."""
    kind = rng.randrange(8)
    if kind == 0:
        return bytes_of(rng, content)
    if kind == 1:
        return text_of(rng, content)
    lines = content.split(b"\n")
    for _ in range(rng.choice((1, 1, 3))):
        place = rng.randrange(1, len(lines))
        key, equals, value = lines[place].partition(b" = ")
        if not equals:
            continue
        parts = value.strip(b"{}").split(b",")
        parts[rng.randrange(len(parts))] = odd.word(rng).encode("utf-8", "surrogatepass")
        lines[place] = rng.choice(
            (b"", key + b" = " + odd.word(rng).encode("utf-8", "surrogatepass"), key + b" = {" + b",".join(parts) + b"}",
             key + b" = " + b",".join(parts), lines[place] + b"\n" + lines[place], key + b" = \xe9\xff\xed\xa0\x80", key + b" = {")
        )  # fmt: skip
    extra = rng.choice(
        (b"", b"", b"class names = {\xed\xa0\x80, b}", b"classes = 99999999999", b"class lookup = {1,2,inf}", b"coordinate system string = {x}",
         b"map info = {UTM, nan, inf, 1e308, 0, 0, 0}", b"map info = {Arbitrary, 1, 1, 0, 0, 1e999, 1e999}", b"geo points = {1,2,3}",
         b"rpc info = {1}", b"pixel size = {inf, nan}", b"wavelength = {inf, -1, nan}", b"wavelength units = \xff", b"acquisition time = 2026-99",
         b"reflectance scale factor = 0", b"reflectance scale factor = inf", b"data ignore value = 1e999", b"default bands = {9999999}",
         b"bbl = {" + b"9" * 5000 + b"}", b"header offset = " + b"9" * 5000, b"\xe9 = 1", b"file compression = 1", b"x = {" * 1000)
    )  # fmt: skip
    return b"\n".join([*lines, extra])


def document(rng: random.Random, file: Path) -> None:
    """An XML file on the disk."""
    file.write_bytes(xml_of(rng, file.read_bytes()))
