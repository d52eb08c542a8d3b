"""What a raster of named classes holds, the classes with their areas; and what is not a raster but a sample of one."""

from __future__ import annotations

from pathlib import Path

from ...classes.legend import Legend
from ...errors import LabelError, SceneError
from ...io.maps.class_map_reader import ClassMapReader
from ...io.maps.pixel_areas import pixel_areas
from ...io.samples.sample_reader import is_reference_sample, read_reference_sample
from ...io.scenes.scene import Scene
from ...phrases import counted
from ...pixels.window import TilePlan
from ...reporting import Reporter
from ..parts.area_count import AreaCount
from .operation import MapClass

_STRIP_PX = 1_048_576
_WHOLE_NUMBERS = ("uint8", "uint16", "int16", "int32", "uint32")
_OURS = "hsi_"


def made_with(scene: Scene) -> dict[str, str]:
    """What a raster of this engine states about how it was made: ``method``, ``trained on``, ``product``."""
    return {
        key.removeprefix(_OURS).replace("_", " "): text for key, text in scene.texts.items() if key.startswith(_OURS)
    }


def map_classes(scene: Scene, reporter: Reporter, *, count: bool) -> list[MapClass] | None:
    """The classes of a raster of one band whose file or style names some; None if it is not a class map.

    ``count``: read the raster once for the pixels and hectares of each.
    """
    if len(scene.bands) != 1 or scene.dtype not in _WHOLE_NUMBERS:
        return None
    try:
        return _classes(scene.path, reporter, count=count)
    except (LabelError, SceneError):  # the raster is described as a scene, which has its own words for what is wrong
        return None


def refuse_sample(path: Path) -> None:
    """See that a file is not a sample of reference points.

    Raises
    ------
    SceneError : it is one; the message says how it was drawn, and how many points have a class.
    """
    if path.suffix.lower() != ".gpkg" or not path.is_file() or not is_reference_sample(path):
        return
    sample = read_reference_sample(path)
    labelled, strata = int(sample.labelled.sum()), len(sample.all_strata)
    raise SceneError(
        f"{path.name} is not a scene: it holds {counted(len(sample), 'reference point')} ({sample.design.design},"
        f" {strata} {'stratum' if strata == 1 else 'strata'}) of the map {sample.design.map_name}, of which {labelled:,} {'has' if labelled == 1 else 'have'} a class.",
        code="reference_sample",
        hint="Assess map (hsi assess) reads it as reference; give the others a class first."
        if labelled < len(sample)
        else "Assess map (hsi assess) reads it as reference.",
    )


def _classes(path: Path, reporter: Reporter, *, count: bool) -> list[MapClass] | None:
    with ClassMapReader(path) as reader:
        named: Legend = reader.legend(())[0]
        if not len(named):
            return None
        if not count:
            return [MapClass(value=c.value, name=c.name, color=c.colour) for c in named]
        shape = reader.grid.shape
        found = AreaCount(pixel_areas(reader.grid))
        for strip in TilePlan(shape=shape, strip_rows=max(1, _STRIP_PX // shape[1]), tile_cols=shape[1]):
            reporter.check_cancelled()
            found.add(strip, reader.read(strip))
        return [
            MapClass(
                value=c.value,
                name=c.name,
                color=c.colour,
                pixels=found.pixels(c.value),
                hectares=found.hectares(c.value),
            )
            for c in reader.legend(found.occurring)[0]
        ]
