"""What can be wrong with the values of a form, said before anything starts.

Each check returns a sentence, or None if all is well. The engine checks again what it is given; here belongs what
QGIS knows better, and what would otherwise cost a start of the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ..engine.operations import ParameterDescription
from ..paths import comparable
from ..translation import counted, either, tr
from .help import label
from .limits import allowed_numbers, is_allowed

# A photograph has three bands, or four with an alpha band; GDAL marks the alpha band.
FEWEST_BANDS = 4


def number_problem(parameter: ParameterDescription, number: float) -> str | None:
    """A number outside the limits, or an even one where only odd ones make sense."""
    if is_allowed(parameter, number):
        return None
    return tr("{}: must be {}; got {:g}.").format(label(parameter), allowed_numbers(parameter), number)


def no_number_problem(parameter: ParameterDescription, text: str) -> str | None:
    """Text that is not a number. QGIS takes it for "not set", or for 0, if a number may be left out."""
    try:
        float(text)
    except ValueError:
        return tr("{}: must be a number; got “{}”.").format(label(parameter), text)
    return None


def label_problem(parameter: ParameterDescription, has_vector: bool, has_raster: bool) -> str | None:
    """Labels come from a vector layer or from a raster, not from both and not from nowhere."""
    title = tr(parameter.title)
    if has_vector and has_raster:
        return tr("{}: choose either a vector layer or a raster, not both.").format(title)
    if not has_vector and not has_raster and parameter.required:
        return tr("{}: choose a layer of polygons or points, or a raster of class values.").format(title)
    return None


def band_problem(title: str, layer_name: str, bands: int) -> str | None:
    """A picture of red, green and blue is not a hyperspectral scene."""
    if bands >= FEWEST_BANDS:
        return None
    return tr(
        "{}: “{}” has {}; a hyperspectral scene has dozens to hundreds. Choose the scene itself, not a picture of it."
    ).format(title, layer_name, counted(bands, tr("band"), tr("bands")))


def ending_problem(parameter: ParameterDescription, path: str) -> str | None:
    """Files are known by their endings, by the engine as by those they are passed on to."""
    suffixes = parameter.suffixes
    if not suffixes or path.lower().endswith(suffixes):
        return None
    found = Path(path).suffix or tr("no extension")
    return tr("{}: the file name must end in {}; got {} in “{}”.").format(
        tr(parameter.title), either(suffixes), found, path
    )


def model_problem(parameter: ParameterDescription, path: str) -> str | None:
    """A file that is not a model by its name; the engine checks whether its content is one."""
    suffixes = parameter.suffixes
    if path.lower().endswith(suffixes):
        return None
    return tr("{}: “{}” is the wrong type of file. Choose a file that ends in {}.").format(
        tr(parameter.title), path, either(suffixes)
    )


def overwriting_problem(outputs: Mapping[str, str], inputs: Mapping[str, Iterable[str]]) -> str | None:
    """No output may take the place of an input, or of another output. Titles to path, and to paths."""
    written: dict[str, str] = {}
    read = {comparable(path): title for title, paths in inputs.items() for path in paths}
    for title, path in outputs.items():
        key = comparable(path)
        if key in read:
            return tr("{}: “{}” is the file of “{}” and would be overwritten. Choose another name.").format(
                title, path, read[key]
            )
        if key in written:
            return tr("{} and {} have the same file “{}”. Choose another name for one of them.").format(
                written[key], title, path
            )
        written[key] = title
    return None
