"""Damaged products of every family: ``python -m benchmarks.mutations``.

Makes 200 damaged copies (``--count``) of each miniature product: bytes flipped, ends cut off, files removed, elements, keys, attributes
and parts changed, removed or made another type. Each is opened and examined as a job does it. Prints one JSON document: of each family how many
were read, how many refused with an error that says why, and the numbers of those that ended in another exception or took longer than a
minute (``--number`` repeats one), with the longest time and the peak memory of its process. Exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from hsi_engine.errors import HsiError
from hsi_engine.io.rasters.hdf5_files.opening import is_hdf5
from hsi_engine.io.scenes.choices.quality_counts import count_quality
from hsi_engine.io.scenes.scene import find_usable_bands, open_scene
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
PRODUCTS = Path(os.environ.get("HSI_PRODUCTS") or Path(os.environ.get("HSI_TEST_DATA", _SHARED)) / "products")
_WORDS = ("", "NaN", "-1", "1e400", "0", "abc", "1,2", "99999999999", "\u00e9", "1-9999,3")
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
_LIMIT_S = 60

# Damages the product whose entry file is given.
Mutation = Callable[[random.Random, Path], None]


def flip_bytes(generator: random.Random, entry: Path) -> None:
    file = _any_file(generator, entry)
    content = bytearray(file.read_bytes())
    for _ in range(generator.choice((1, 5, 50))):
        content[generator.randrange(len(content))] = generator.randrange(256)
    file.write_bytes(content)


def flip_early_bytes(generator: random.Random, entry: Path) -> None:
    """Where the structure of a file stands more often than its numbers."""
    file = _any_file(generator, entry)
    content = bytearray(file.read_bytes())
    for _ in range(generator.choice((3, 12))):
        content[generator.randrange(min(len(content), generator.choice((400, 4000))))] = generator.randrange(256)
    file.write_bytes(content)


def blank_bytes(generator: random.Random, entry: Path) -> None:
    file = _any_file(generator, entry)
    content = bytearray(file.read_bytes())
    start = generator.randrange(len(content))
    content[start : start + 64] = bytes(len(content[start : start + 64]))
    file.write_bytes(content)


def cut(generator: random.Random, entry: Path) -> None:
    file = _any_file(generator, entry)
    file.write_bytes(file.read_bytes()[: generator.randrange(file.stat().st_size)])


def remove_file(generator: random.Random, entry: Path) -> None:
    _any_file(generator, entry).unlink()


def edit_elements(generator: random.Random, entry: Path) -> None:
    """Elements of an XML file: removed, twice, with another text or a child."""
    text = entry.read_text(encoding="utf-8")
    for _ in range(generator.choice((1, 3))):
        found = generator.choice(list(re.finditer(r"<(\w+)>([^<>]*)</\1>", text)))
        word = generator.choice(_WORDS)
        new = generator.choice(("", f"<{found[1]}>{word}</{found[1]}>", found[0] * 2, f"<{found[1]}><x/></{found[1]}>"))
        text = text[: found.start()] + new + text[found.end() :]
    entry.write_text(text, encoding="utf-8")


def edit_keys(generator: random.Random, entry: Path) -> None:
    """Lines of an ENVI header: removed, twice, with another value, or one entry of a list replaced."""
    text = entry.read_text(encoding="utf-8", errors="replace")
    found = generator.choice(list(re.finditer(r"(?m)^([\w ]+?)\s*=\s*(\{[^}]*\}|.*)$", text)))
    word, parts = generator.choice(_WORDS), found[2].split(",")
    parts[generator.randrange(len(parts))] = word
    new = generator.choice(("", f"{found[1]} = {word}", f"{found[0]}\n{found[0]}", f"{found[1]} = {','.join(parts)}"))
    entry.write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")


def edit_contents(generator: random.Random, entry: Path) -> None:
    """Parts and attributes of an HDF5 file: removed, of another type, shape or number."""
    import h5py

    with h5py.File(entry, "r+") as file:
        names: list[str] = [""]
        file.visit(names.append)
        attributes = [(name, key) for name in names for key in file[name or "/"].attrs]
        if attributes and generator.random() < 0.5:
            name, key = generator.choice(attributes)
            del file[name or "/"].attrs[key]
            if generator.random() < 0.7:
                file[name or "/"].attrs[key] = generator.choice(_ODD_VALUES)
            return
        name = generator.choice(names[1:])
        shape = getattr(file[name], "shape", ())
        del file[name]
        choice = generator.randrange(4)
        if choice == 0:
            file[name] = generator.choice(_ODD_VALUES[2:])
        elif choice == 1:
            file.create_group(name)
        elif choice == 2 and shape:
            file.create_dataset(name, data=np.full(shape[::-1], 77, dtype="f8"))
        # Else it is gone.


def mutations_of(entry: Path) -> tuple[Mutation, ...]:
    """What can be done to a product, by the kind of its entry file; structure as often as bytes."""
    inside = {".xml": edit_elements, ".hdr": edit_keys}.get(entry.suffix.lower())
    if inside is None and is_hdf5(entry):
        inside = edit_contents
    anywhere = (flip_bytes, flip_early_bytes, blank_bytes, cut, remove_file)
    return (*anywhere, *([inside] * 4 if inside is not None else []))


def outcome(path: Path) -> str | None:
    """Examine a scene as a job does; the message of the error, or None if it was read."""
    try:
        with open_scene(path) as reader:
            find_usable_bands(reader, SilentReporter())
            count_quality(reader, SilentReporter())
            rows, cols = reader.scene.grid.shape
            window = Window(row=0, col=0, height=min(rows, 64), width=min(cols, 64))
            reader.read(window, range(min(len(reader.scene.bands), 16)))
    except HsiError as error:
        return f"{error.message} {error.hint}"
    return None


def family(name: str, entry: Path, numbers: range) -> dict[str, Any]:
    """The outcomes of one family, in this process."""
    signal.signal(signal.SIGALRM, _too_long)
    counts, others, longest = {"read": 0, "refused": 0}, [], 0.0
    for number in numbers:
        generator = random.Random(f"{name} {number}")
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copytree(entry.parent, Path(folder) / entry.parent.name)) / entry.name
            generator.choice(mutations_of(copy))(generator, copy)
            began = time.perf_counter()
            signal.alarm(_LIMIT_S)
            try:
                message = outcome(copy)
                counts["read" if message is None else "refused"] += 1
                if message is not None and len(message) < 40:
                    others.append({"number": number, "what": f"says too little: {message}"})
            except BaseException as error:
                others.append({"number": number, "what": repr(error), "where": traceback.format_exc()[-1500:]})
            finally:
                signal.alarm(0)
            longest = max(longest, time.perf_counter() - began)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="utf-8"))
    return {**counts, "others": others, "longest_s": longest, "peak_mb": float(peak.group(1)) / 1024 if peak else None}


def _too_long(signum: int, frame: Any) -> None:
    raise TimeoutError(f"took longer than {_LIMIT_S} s")


def _any_file(generator: random.Random, entry: Path) -> Path:
    """The entry file in half of the cases."""
    files = sorted(entry.parent.iterdir())
    return entry if generator.random() < 0.5 else generator.choice(files)


def entries() -> dict[str, Path]:
    listed = json.loads((PRODUCTS / "expected.json").read_text(encoding="utf-8"))["products"]
    return {product["name"]: PRODUCTS / product["entry"] for product in listed}


def _in_a_process(name: str, count: int) -> dict[str, Any]:
    """A family in a separate process, whose end by a signal is an outcome too."""
    command = [sys.executable, "-m", "benchmarks.mutations", "--here", "--family", name, "--count", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"others": [{"what": f"the process ended with {done.returncode}", "where": done.stderr[-1500:]}]}
    found: dict[str, Any] = json.loads(done.stdout)
    print(
        f"{name}: {found['read']} read, {found['refused']} refused, {len(found['others'])} others",
        file=sys.stderr,
        flush=True,
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--family", choices=entries(), action="append", help="only this one; may be repeated")
    parser.add_argument("--number", type=int, help="only this damage, in this process")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # numpy's on numbers that make no sense
    known = entries()
    names = options.family or list(known)
    if options.here or options.number is not None:
        numbers = range(options.count) if options.number is None else range(options.number, options.number + 1)
        print(json.dumps(family(names[0], known[names[0]], numbers)))
        return
    found = {name: _in_a_process(name, options.count) for name in names}
    print(json.dumps({"count": options.count, "families": found}, indent=2))
    raise SystemExit(any(of_family["others"] for of_family in found.values()))


if __name__ == "__main__":
    main()
