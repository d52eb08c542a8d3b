"""HDF5 files that refer to other files: links, data stored elsewhere, virtual arrays. None of them is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....errors import SceneError

_MOST = 100_000


def refuse_outside(file: Any, path: Path) -> None:
    """Make sure that everything in an open HDF5 file stands in that file.

    Raises
    ------
    SceneError : a link, an array that is stored elsewhere, or a virtual array refers to another file.
    """
    for name, other in _outside(file):
        raise SceneError(
            f"{path} is not read: {name} in it refers to another file, {other}.",
            code="refers_outside",
            hint="Write everything into one file, such as with h5repack, or choose the other file.",
        )


def _outside(file: Any) -> Iterator[tuple[str, str]]:
    import h5py

    pending, seen = [file["/"]], 0
    visited = set()
    while pending and seen < _MOST:
        group = pending.pop()
        for name in group:
            seen += 1
            link = group.get(name, getlink=True)
            place = f"{group.name.rstrip('/')}/{name}"
            if isinstance(link, h5py.ExternalLink):
                yield place, os.fsdecode(link.filename)
                continue
            item = None if isinstance(link, h5py.SoftLink) else group.get(name)
            if isinstance(item, h5py.Group):
                if item.id not in visited:
                    visited.add(item.id)
                    pending.append(item)
            elif isinstance(item, h5py.Dataset):
                others = [entry[0] for entry in item.external or ()]
                if item.is_virtual:
                    others += [source.file_name for source in item.virtual_sources()]
                yield from ((place, other) for other in others if other != ".")
