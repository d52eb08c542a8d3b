"""A class map as a cloud optimized GeoTIFF."""

from __future__ import annotations

import json
from pathlib import Path

from ...classes.class_names import one_line
from ...classes.legend import Legend
from ...io.files.outputs import StagedOutputs
from ...io.files.temporary_files import temporary_beside
from ...io.legends.style_files import sidecar_paths, write_class_map_style
from ...io.maps.class_map import ClassMapWriter
from ...io.maps.class_map_reader import ClassMapReader
from ...io.maps.map_writer import as_output_error
from ...io.maps.raster_check import check_copy
from ...io.scenes.output.cloud_optimized import to_cloud_optimized
from ...pixels.window import Window
from ...reporting import PhaseReporter, Reporter

_BLOCK_PX = 512
_WRITTEN, _COPIED = 0.5, 0.9


def write_cog(
    output: Path, reader: ClassMapReader, strips: list[Window], legend: Legend, files: StagedOutputs, reporter: Reporter
) -> None:
    """Write the map with overviews of nearest pixels, and its names and style next to it.

    The names are in a tag of the file too, so that a file that is read over the network has them without what lies next to it.

    Raises
    ------
    OutputError : a file cannot be written, or does not hold what was written to it.
    LabelError : the map cannot be read.
    """
    staged = files.path(output)
    for sidecar in sidecar_paths(output):
        files.path(sidecar)
    names = json.dumps({str(c.value): one_line(c.name) for c in legend}, ensure_ascii=False)
    kept = {name: text for name, text in reader.tags.items() if name.startswith("HSI_")}
    writing = PhaseReporter(reporter, 0.0, _WRITTEN)
    with temporary_beside(output) as plain:
        with ClassMapWriter(plain, reader.grid, legend, tile=_BLOCK_PX, tags={**kept, "CLASS_NAMES": names}) as writer:
            for strip in strips:
                writing.check_cancelled()
                writer.write(strip, reader.read(strip))
                writing.progress(strip.row_end / reader.grid.shape[0], "Writing the map")
        copying = PhaseReporter(reporter, _WRITTEN, _COPIED)
        to_cloud_optimized(
            plain,
            staged,
            reporter.check_cancelled,
            lambda share: copying.progress(share, "Writing the final file"),
            block_px=_BLOCK_PX,
            predictor=False,
            what="Raster",
        )
        checking = PhaseReporter(reporter, _COPIED, 1.0)
        checking.progress(0.0, "Checking the file")
        # GDAL is silent about what it could not write while it closed a file.
        with as_output_error(staged):
            check_copy(staged, plain, strips, reporter.check_cancelled)
    write_class_map_style(staged, legend)
