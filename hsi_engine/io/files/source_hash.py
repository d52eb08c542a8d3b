"""Hashes by which an input is recognised."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .outputs import sha256_of
from .source_names import file_behind, is_gdal_name


def sha256_of_source(path: Path) -> str:
    """SHA-256 in hexadecimal of the file that a name is read from.

    Of a folder, such as a file geodatabase, that of the names and hashes of its files; of a name behind which there is
    no file (a web address), that of the name.

    Raises
    ------
    HsiError : the file cannot be read.
    """
    file = file_behind(path)
    if file is None:
        # A name that only GDAL resolves has no bytes to hash; of a file that is gone, the error is the answer.
        return hashlib.sha256(str(path).encode()).hexdigest() if is_gdal_name(path) else sha256_of(path)
    if file.is_file():
        return sha256_of(file)
    parts = sorted(part for part in file.rglob("*") if part.is_file())
    listed = "\n".join(f"{part.relative_to(file).as_posix()} {sha256_of(part)}" for part in parts)
    return hashlib.sha256(listed.encode()).hexdigest()
