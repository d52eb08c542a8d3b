from __future__ import annotations

import pytest
from affine import Affine

from hsi_engine.pixels.grid import Grid


@pytest.fixture
def grid() -> Grid:
    return Grid(crs="EPSG:32633", transform=Affine(1, 0, 0, 0, -1, 0), shape=(20, 20))
