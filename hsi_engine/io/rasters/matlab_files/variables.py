"""What a MATLAB file holds, and the names by which one of its arrays is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ....errors import SceneError

Kind = Literal["numbers", "logical", "text", "other"]

_SHOWN = 12
_NAME = re.compile(r"MAT:(?:\"([^\"]+)\"|(.+)):([^:\"]+)", re.IGNORECASE | re.DOTALL)

_NAME_OF_GDAL = re.compile(r"HDF5(?:Image)?:\"?([^\"]+\.mat)\"?:(/.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class StoredNumbers:
    """Where the numbers of an array lie in a file of version 5 to 7.

    Parameters
    ----------
    element : byte at which the variable begins, behind its tag.
    packed_bytes : size of the variable as it is compressed; None if it is not.
    offset : byte of the first number: in the file, or in what the variable is unpacked to.
    dtype : of one number as it is stored, byte order included.
    """

    element: int
    packed_bytes: int | None
    offset: int
    dtype: str


@dataclass(frozen=True, kw_only=True)
class MatVariable:
    """An array of a MATLAB file, or something else that has a name.

    Parameters
    ----------
    name : with those of the structs around it, ``hsi.Data``.
    shape : as MATLAB counts it, the fastest dimension first.
    kind : real numbers, truth values, text, or something that is not read (cells, complex and sparse arrays).
    place : where the numbers lie; None in a file of version 7.3, which finds them by name.
    """

    name: str
    shape: tuple[int, ...]
    kind: Kind
    place: StoredNumbers | None = None

    @property
    def leaf(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def is_vector(self) -> bool:
        return self.kind == "numbers" and len(self.shape) == 2 and min(self.shape) == 1

    def __str__(self) -> str:
        what = "" if self.kind == "numbers" else f", {self.kind}" if self.kind != "other" else ", not numbers"
        return f"{self.name} ({'×'.join(map(str, self.shape))}{what})"


def split_name(path: Path) -> tuple[Path, str | None]:
    """``MAT:"scene.mat":cube`` as file and variable; a path of another kind as it is, without a variable.

    So is ``HDF5:"scene.mat"://cube``, by which GDAL lists the same array with its axes exchanged.
    """
    by_gdal = _NAME_OF_GDAL.fullmatch(str(path))
    if by_gdal is not None:
        return Path(by_gdal.group(1)), by_gdal.group(2).strip("/").replace("/", ".")
    found = _NAME.fullmatch(str(path))
    if found is None:
        return path, None
    return Path(found.group(1) or found.group(2)), found.group(3).strip()


def named(path: Path, variables: Sequence[MatVariable], name: str) -> MatVariable:
    """The variable of a name.

    Raises
    ------
    SceneError : there is none, or it does not hold numbers.
    """
    found = next((variable for variable in variables if variable.name == name), None)
    if found is None:
        raise SceneError(
            f"{path} holds no variable called {name!r}. It holds {listed_variables(variables)}.",
            code="variable",
            hint="Check the spelling; MATLAB tells capital from small letters.",
        )
    if found.kind not in ("numbers", "logical"):
        raise SceneError(
            f"The variable {found} of {path} is not an array of real numbers.",
            code="variable",
            hint=f"Choose another one. The file holds {listed_variables(variables)}.",
        )
    return found


def cube_of(path: Path, variables: Sequence[MatVariable]) -> MatVariable:
    """The only array of three dimensions.

    Raises
    ------
    SceneError : there is none, or there are several; with what the file holds.
    """
    cubes = [v for v in variables if v.kind == "numbers" and len(v.shape) == 3 and min(v.shape) > 1]
    if len(cubes) == 1:
        return cubes[0]
    if cubes:
        raise several(path, cubes, "of three dimensions")
    raise SceneError(
        f"{path} holds no array of three dimensions with numbers. It holds {listed_variables(variables)}.",
        code="variable",
        hint="A scene is an array of rows, columns and bands; an array of two dimensions may serve as labels.",
    )


def matrix_of(path: Path, variables: Sequence[MatVariable]) -> MatVariable:
    """The only array of two dimensions, or the only one that fits the only cube of the file: its labels.

    Raises
    ------
    SceneError : there is none, or there are several; with what the file holds.
    """
    found = [v for v in variables if v.kind in ("numbers", "logical") and len(v.shape) == 2 and min(v.shape) > 1]
    cubes = [v for v in variables if v.kind == "numbers" and len(v.shape) == 3]
    fitting = [v for v in found if len(cubes) == 1 and v.shape == cubes[0].shape[:2]]
    if len(found) != 1 and len(fitting) == 1:
        found = fitting
    if len(found) == 1:
        return found[0]
    if found:
        raise several(path, found, "of two dimensions")
    raise SceneError(
        f"{path} holds no array of two dimensions with numbers. It holds {listed_variables(variables)}.",
        code="variable",
        hint="Labels are an array of rows and columns that holds the number of a class for each pixel, 0 for none.",
    )


def several(path: Path, found: Sequence[MatVariable], what: str) -> SceneError:
    """The error that any of some arrays may be meant; ``what`` they have in common."""
    return SceneError(
        f"{path} holds {len(found)} arrays {what}, and none was chosen: {listed_variables(found)}.",
        code="variable",
        hint=f"Name one of them, as in {example(path, found[0])}.",
    )


def listed_variables(variables: Sequence[MatVariable]) -> str:
    """Names and shapes for a person: ``cube (30×40×60), map (30×40)``."""
    shown = ", ".join(map(str, variables[:_SHOWN]))
    return (shown + (f" and {len(variables) - _SHOWN} more" if len(variables) > _SHOWN else "")) or "no variable"


def example(path: Path, variable: MatVariable) -> str:
    """The name by which a variable is chosen."""
    return f'MAT:"{path}":{variable.name}'
