"""Values that nobody means, but files and requests hold: as text, as JSON and as names of files."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

SURROGATE = "\ud800"

WORDS: tuple[str, ...] = (
    "", " ", "NaN", "nan", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e308", "-1e308", "1e-320", "-1", "0", "-0.0", "0.0",
    "1.5", "abc", "9" * 400, "9" * 5000, "-" + "9" * 5000, "1" + "0" * 19, "255", "65535", "65536", "4294967296",
    "18446744073709551616", "\u00e9", "\u0663", "\u00b2", "\u2163", "1_000", "0x10", "1,2", "1;2", "{", "}", "{}", "[]", "<x/>",
    "&", "]]>", "'", '"', "=1+1", "@x", "../../x", "/", "C:\\x", "a\nb", "a\tb", "\u202e", "\ufeff", "\U0001f600",
    "a" * 300, "a" * 20000, "True", "null", "None", "1-9999,3", "1 nm", "inf nm", "-5 nm", "1e400 nm", "%s%n", "${x}", "\x7f",
    "2026-13-45", "0000-00-00T99:99:99Z",
)  # fmt: skip

DEEP = 200_000

JSON_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**70), 10**400, 0.5, -0.0, 1e308, float("inf"), float("-inf"),
    float("nan"), "", "1", "abc", "9" * 5000, SURROGATE, f"a{SURROGATE}b", "\x00", "a\nb", [], [[]], [1], [None], ["a", 1], {},
    {"a": 1}, {"value": 1}, [{}], {"": None}, "=1+1", "<b>", "\u202e",
)  # fmt: skip

CRS: tuple[str, ...] = (
    "EPSG:4978",  # geocentric
    "EPSG:4979",
    "EPSG:5703",  # heights only
    "EPSG:5817",  # engineering
    "EPSG:3857",
    "EPSG:32733",
    "EPSG:2393",
    "EPSG:999999",
    "+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=30 +lon_0=0",
    "+proj=geos +h=35785831 +lon_0=0",
    "+proj=longlat +R=1",
    'LOCAL_CS["site",UNIT["metre",1]]',
    'LOCAL_CS["site",UNIT["metre",0]]',
    'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]',
    'GEOCCS["g",DATUM["d",SPHEROID["s",6378137,298]],PRIMEM["Greenwich",0],UNIT["metre",1]]',
    'PROJCS["x",GEOGCS["g",DATUM["d",SPHEROID["s",0,0]],PRIMEM["G",0],UNIT["degree",0.017]],PROJECTION["Mercator"],UNIT["m",1]]',
    'PROJCS["x"',
    "nonsense",
)

ENCODINGS: tuple[str, ...] = (
    "unknown-9", "utf-16", "utf-32", "utf-7", "utf-8-sig", "idna", "punycode", "big5", "shift_jis", "hz", "iso2022_jp", "rot13",
    "rot_13", "base64", "hex", "zlib", "bz2", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "cp65001", "cp037",
    "", "ascii", "latin-1", "x" * 5000, "utf-8\u00e9",
)  # fmt: skip


def word(rng: random.Random) -> str:
    """One of the words, or some digits of some kind."""
    return rng.choice(WORDS) if rng.random() < 0.8 else str(rng.choice((rng.random(), rng.randrange(-(10**6), 10**12))))


def json_value(rng: random.Random) -> Any:
    """One of the values, which is the caller's own to change, or text."""
    return copy.deepcopy(rng.choice(JSON_VALUES)) if rng.random() < 0.7 else word(rng)


def path(rng: random.Random, folder: Path, usual: str) -> str:
    """A name where that of a file is expected, ``usual`` in most operations; what it needs is made in ``folder``."""
    try:
        return _path(rng, folder, usual)
    except FileExistsError:  # made for another parameter
        return usual


def _path(rng: random.Random, folder: Path, usual: str) -> str:
    kind = rng.randrange(14)
    suffix = Path(usual).suffix or ".tif"
    if kind == 0:
        (folder / f"loop{suffix}").symlink_to(folder / f"loop2{suffix}")
        (folder / f"loop2{suffix}").symlink_to(folder / f"loop{suffix}")
        return f"loop{suffix}"
    if kind == 1:
        (folder / f"folder{suffix}").mkdir()
        return f"folder{suffix}"
    if kind == 2:
        (folder / f"dangling{suffix}").symlink_to("nowhere")
        return f"dangling{suffix}"
    if kind == 3:
        return "n" * (250 - len(suffix)) + suffix
    if kind == 4:
        return "n" * rng.choice((200, 240, 255, 256, 5000)) + suffix
    if kind == 5:
        name = f"odd\udcff{rng.choice(('', SURROGATE))}{suffix}"
        if SURROGATE not in name and Path(folder, usual).is_file():
            Path(folder, name).write_bytes(Path(folder, usual).read_bytes())
        return name
    if kind == 6:
        (folder / f"empty{suffix}").write_bytes(b"")
        return f"empty{suffix}"
    if kind == 7:
        (folder / f"foreign{suffix}").write_bytes(rng.randbytes(rng.choice((1, 100, 5000))))
        return f"foreign{suffix}"
    if kind == 8:
        present = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
        return rng.choice(present) if present else "x"
    if kind == 9:
        (folder / "deep").mkdir()
        (folder / "deep" / "self").symlink_to(folder / "deep")
        return "deep/" + "self/" * rng.choice((5, 45, 400)) + f"x{suffix}"
    return rng.choice(
        ("", " ", ".", "..", "/", "~", "~nobody-here/x.tif", "\x00", f"a\x00b{suffix}", "/dev/null", "/proc/self/mem", "/nowhere/x",
         "file://", "file:///%00", "/vsimem/x", "/vsizip/", "/vsizip//x.zip/y", "NETCDF:x", 'HDF5:"x"://y', "GPKG:x:y", "MEM:::",
         "/vsisubfile/0_10,x", "vrt://", "|layername=x", "x|", "x|y=z", f"-{suffix}", f"a{suffix}/b", f"\u202e{suffix}",
         f"{usual}/", f"./{usual}", f"{usual}|layername=nothing", "*", "[", "{}", "con", "https://", "x" * 5000,
         f"new\nline{suffix}", f"caf\u00e9{suffix}", f"=1{suffix}", "9" * 5000)
    )  # fmt: skip


def parameter(rng: random.Random, description: dict[str, Any], folder: Path, usual: Any) -> Any:
    """A value for a parameter as ``hsi describe`` lists it."""
    kind, chance = description["type"], rng.random()
    if chance < 0.2:
        return rng.choice(JSON_VALUES)
    if kind == "path":
        return path(rng, folder, str(usual or description["name"]))
    if kind in ("integer", "number"):
        bounds = [bound + step for bound in description["bounds"].values() for step in (-1, 0, 1, 0.5)]
        numbers = (
            0,
            1,
            -1,
            2,
            3,
            7,
            99,
            1000,
            10**6,
            2**31,
            2**63,
            10**30,
            10**300,
            0.5,
            1e-300,
            1e308,
            -1e308,
            "7",
            "9" * 5000,
        )
        return rng.choice((*numbers, *bounds))
    if kind == "boolean":
        return rng.choice((True, False, "yes", "no", 0, 1, "", "maybe", 2))
    if description["choices"] and chance < 0.7:
        return rng.choice(description["choices"])
    if chance < 0.5:
        return rng.choice(_TEXTS)
    return word(rng)


_TEXTS = (
    "1-3", "1-3, 5", "3-1", "400-900nm", "0.4-0.9um", "1-" + "9" * 5000, "9" * 5000 + "nm", "1," * 20000, "1-99999999999", "nan", "inf",
    "0,0,1,1", "364095,5808855,364965,5809965", "1e308,1e308,-1e308,-1e308", "nan,nan,nan,nan", "inf,inf,inf,inf", "0,0,0,0",
    "0,1,0,1 [EPSG:4978]", "13,14,52,53 [EPSG:4326]", "364200,364500,5809500,5809800 [EPSG:32633]", "0,1,0,1 [x]",
    "1,2 [EPSG:5817]", "364200,5809500", "1/2", "0/0", "3/2", "1/1000000000", "9" * 400 + "/" + "9" * 400, "class_id", "class_name",
    "color", "fid", "geom", "ogc_fid", "nothing", "select 1", '"', "';", "a b", "cpu", "cuda:" + "9" * 400, "cpu:-1", "lda", "lda,lda",
    "lda, svm", "dropout=nan", "dropout=1e999", "x=1", "=", "a=b=c", "dropout=" + "9" * 5000, "[" * 5000, '{"a":', "confidence", "all",
    "[1, 2]", "1:0.9", "1=0.9;2=0.5", "nan;nan", "\u0663", "\u00b2-3", "1\u20133",
)  # fmt: skip
