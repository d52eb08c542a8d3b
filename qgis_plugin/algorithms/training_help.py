"""Paragraphs that the help texts of all trainings share."""

from __future__ import annotations

from ..translation import tr

WHAT_TO_PREPARE = tr(
    "<h3>What to prepare</h3>"
    "<ul><li><b>A scene</b>: any raster that GDAL opens, in its own CRS, not resampled, with all its bands.</li>"
    "<li><b>Labels</b>: polygons or points, with a field that holds the class as a number or a name; or a raster of "
    "class values on the grid of the scene, 0 where nothing is known. Polygons and points may lie in any CRS. If the "
    "layer is styled by category, names and colours are taken from its style.</li>"
    "<li>Some dozens of pixels a class, in <b>several separate fields</b> of each class: from a single field no honest "
    "test is possible.</li></ul>"
)

HONEST_SPLIT = tr(
    "<h3>How to read the accuracy</h3>"
    "<p>The network sees the surroundings of each pixel. If test pixels are drawn at random, most of them lie inside a "
    "patch it was trained on, and the accuracy says how well it remembers, not how well it maps. The default split "
    "<b>blocks</b> keeps training and test apart in space and is what you may expect on new ground; <b>random</b> is "
    "there for comparison with the literature. The same network on the Indian Pines scene reaches 98 % with random "
    "pixels and 60 % on other fields. The log and the report state the share of test pixels that lie inside a training "
    "patch, and <b>Compare with split</b> states both accuracies side by side.</p>"
    "<ul><li><b>Overall accuracy</b>: share of the test pixels that are right; large classes decide it.</li>"
    "<li><b>Average accuracy</b>: mean over the classes, each counting the same.</li>"
    "<li><b>Kappa</b>: 0 is as good as chance, 1 is perfect (Cohen 1960).</li></ul>"
)

NETWORK = tr(
    "<h3>The network</h3>"
    "<p>HybridSN: 3-D convolutions over the spectrum, then 2-D ones over space, on principal components of the bands "
    "(Roy et al. 2020, IEEE Geoscience and Remote Sensing Letters 17(2)). The paper uses 25×25 px and 30 components; "
    "the defaults here are smaller, faster and generalise better to other fields. Lower the <b>patch size</b> for small "
    "fields; raise the <b>epochs</b> if the loss still falls at the end.</p>"
)
