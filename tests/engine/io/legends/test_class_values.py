"""Which numbers can be the values of classes, and how others are named."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.errors import LabelError
from hsi_engine.io.legends.class_values import check_class_values


def test_examples_have_all_digits_that_tell_them_apart() -> None:
    large = np.array([4_611_686_018_427_387_904, 4_611_686_018_427_387_905])
    with pytest.raises(LabelError, match="class values 4611686018427387904, 4611686018427387905; class values must"):
        check_class_values(large, "x.csv")
    with pytest.raises(LabelError, match="class values 70000, 70001; class values must"):
        check_class_values(np.array([70_001.0, 70_000.0]), "x.csv")
    with pytest.raises(LabelError, match=r"not whole, such as 0\.1, 0\.5; a class"):
        check_class_values(np.array([0.1, 0.5, 1.0], np.float32), "x.csv")
