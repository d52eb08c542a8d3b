"""A picture of the folds: labelled pixels in the colour of the fold that tests them."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import numpy.typing as npt

from ...classes.colours import default_colour
from ...pixels.grid import Grid
from ...pixels.samples import SampleSet
from ...splitting.folds import Folds
from ..content import FalseColour
from ..evidence import FoldsPicture
from .labelled_picture import picture_of_labels
from .pictures import upright

_IN_PAGE = re.compile(r'<img id="folds" src="data:image/png;base64,([A-Za-z0-9+/=]+)"')


def picture_of_folds(grid: Grid, samples: SampleSet, folds: Folds) -> FoldsPicture:
    """Every labelled pixel is drawn, also in the picture of a large scene, which shows others only in steps."""
    numbers = np.where(folds.fold < 0, folds.n_folds, folds.fold)
    colours = [colour for _, colour in fold_colours(folds.n_folds)]
    return FoldsPicture(rgba=picture_of_labels(grid, samples, numbers, colours))


def fold_colours(n_folds: int) -> list[tuple[str, str]]:
    """Name and colour of each fold, last those pixels that no fold tests; as in the raster of the folds."""
    names = [f"tested in fold {fold + 1}" for fold in range(n_folds)]
    return [(name, default_colour(index)) for index, name in enumerate([*names, "trained on, not tested"])]


def over_scene(picture: FoldsPicture, scene: FalseColour | None, grid: Grid | None) -> npt.NDArray[np.uint8]:
    """The picture (rows, cols, 4) over a pale grey scene, or alone if no scene of the same size is given."""
    rgba = picture.rgba
    if scene is None or grid is None or scene.rgb.shape[:2] != rgba.shape[:2]:
        return rgba
    grey = upright(scene.rgb, grid).mean(axis=2, keepdims=True)
    ground = np.repeat(255 - 0.6 * (255 - grey), 3, axis=2)
    drawn = np.full_like(rgba, 255)
    drawn[..., :3] = np.where(rgba[..., 3:] > 0, rgba[..., :3], ground)
    return drawn


def picture_in_page(page: str) -> FoldsPicture | None:
    """The picture in a report that :func:`hsi_engine.report.html.render_report` wrote; None if it shows none.

    Models do not store where labels lie, so a report that is written again takes the picture from the one before.
    """
    from matplotlib.image import imread

    found = _IN_PAGE.search(page)
    if found is None:
        return None
    shares = imread(io.BytesIO(base64.b64decode(found[1])), format="png")
    return FoldsPicture(rgba=np.rint(255 * shares).astype(np.uint8))
