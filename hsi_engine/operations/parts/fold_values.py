"""Values of the raster that shows the folds of a training."""

from __future__ import annotations

TRAINED_ONLY = 1
"""A pixel that no fold tests."""
FIRST_FOLD = 11
"""A pixel that the first fold tests; the others follow. 2 and 3 would look like pixels that were kept back."""
MOST_FOLDS = 50
