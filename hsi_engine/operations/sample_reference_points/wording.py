"""What a user has to know of a sample, and what to do with it."""

from __future__ import annotations

from ...io.maps.pixel_areas import PixelAreas
from .operation import SampleReferencePointsParams

# Pixels of one size, for all that an assessment notices.
_SAME_SIZE = 0.02


def notes_on_areas(areas: PixelAreas) -> list[str]:
    """A note if pixels of the map differ in area."""
    if areas.method != "geodesic" or areas.rows_m2 is None:
        return []
    difference = float(areas.rows_m2.max() / areas.rows_m2.min()) - 1
    if difference <= _SAME_SIZE:
        return []
    return [
        f"The pixels of this map in degrees differ in area by up to {difference:.0%}. Within a stratum each is drawn with the"
        " same probability; the file holds the area of each."
    ]


def notes_on_design(params: SampleReferencePointsParams) -> list[str]:
    """What a choice of the user does to the estimates."""
    notes = []
    if params.pure_neighbourhood:
        notes.append(
            "Only pixels whose neighbours are of their class are drawn. Maps err most at borders, which this leaves out:"
            " accuracies will come out too high, and areas may be wrong."
        )
    if params.minimum_distance is not None:
        notes.append(
            "The minimum distance makes pixels in crowded places less likely to be drawn. The inclusion probabilities in the"
            " file do not reflect that, so standard errors are approximate."
        )
    if params.design == "systematic":
        notes.append(
            "A systematic sample has no unbiased standard error; the one of a simple random sample, which is used instead, is"
            " usually too large. A pattern on the ground with the spacing of the lattice would bias it."
        )
    return notes


def next_steps(params: SampleReferencePointsParams) -> list[str]:
    """What to do with the points, or how to draw them."""
    if params.output is None:
        return ["Draw the points: the same again with an output (.gpkg)."]
    return [
        f"Label the points: open {params.output.name} in QGIS, switch on Label reference points (Raster ▸ HSI Classifier), and"
        " give each point the class that you see on the ground, without looking at the map. The form of a point does it too.",
        "Then run Assess map (hsi assess) with the same map and these points as reference.",
    ]
