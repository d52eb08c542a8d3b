"""Which tiles an interrupted mapping need not compute again, by arithmetic."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hsi_engine.io.maps.unfinished_map import FinishedTile
from hsi_engine.operations.classify_scene.resume import TilesToMap
from hsi_engine.pixels.window import TilePlan

SIZES = st.tuples(st.integers(1, 12), st.integers(1, 12))


@settings(max_examples=200, deadline=None)
@given(shape=st.tuples(st.integers(1, 30), st.integers(1, 30)), before=SIZES, after=SIZES, share=st.floats(0, 1))
def test_kept_and_planned_tiles_hold_every_pixel_once(
    shape: tuple[int, int], before: tuple[int, int], after: tuple[int, int], share: float
) -> None:
    windows = list(TilePlan(shape=shape, strip_rows=before[0], tile_cols=before[1]))
    finished = [
        FinishedTile(window=window, class_pixels=(), nodata_pixels=0)
        for window in windows[: round(share * len(windows))]
    ]
    to_map = TilesToMap.of(shape, finished, strip_rows=after[0], tile_cols=after[1])
    kept = {tile.window for tile in to_map.finished}
    count = np.zeros(shape, int)
    for window in [*kept, *(window for window in to_map.plan if window not in kept)]:
        count[window.slices()] += 1
    assert (count == 1).all()
    assert len(kept | set(to_map.plan)) == to_map.count
    whole_strips = len(finished) // -(-shape[1] // before[1])
    assert to_map.plan.first_row == min(whole_strips * before[0], shape[0])
    if before == after:
        assert len(kept) == len(finished), "with tiles of the same size nothing is computed again"
