"""A map product that the project does not have, and the engine with it: ``python margin_product.py DOOR …``.

All that a new product needs stands in this file: functions, an entry, and the tuple with one entry more.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from hsi_engine.classes.legend import Legend
from hsi_engine.io.legends.style_files import RampStyle
from hsi_engine.operations.classify_scene import products
from hsi_engine.operations.classify_scene.product import MappedPixels, MapProduct


def margin(pixels: MappedPixels) -> npt.NDArray[Any]:
    """Probability of the best class minus that of the second, (rows, cols)."""
    second, best = np.sort(pixels.prediction.probabilities, axis=0)[-2:]
    return best - second


def margin_band(legend: Legend) -> tuple[str, ...]:
    return ("margin",)


MARGIN = MapProduct(
    name="margin",
    parameter="margin",
    title="Margin",
    description="GeoTIFF of how much more probable the class of each pixel is than the second one, 0 to 1.",
    layer="margin",
    values=margin,
    bands=margin_band,
    style=RampStyle(),
)

if __name__ == "__main__":
    products.PRODUCTS = (*products.PRODUCTS, MARGIN)
    entry = sys.argv.pop(1)
    if entry == "worker":
        from hsi_engine.worker import main as worker

        sys.exit(worker())
    if entry == "cli":
        from hsi_engine.cli import main as command

        sys.exit(command())
    import hsi_engine

    print(json.dumps(hsi_engine.classify_scene(**json.loads(sys.argv[1])).to_json()))
