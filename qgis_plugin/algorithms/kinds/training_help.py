"""Paragraphs that the help pages of all trainings share."""

from __future__ import annotations

from ...translation import tr

# What a person has to decide, in the order in which they will; all else is under Advanced Parameters.
VISIBLE = ("SCENE", "LABELS", "CLASS_FIELD", "MODEL", "EFFORT", "SPLIT")

# For those who train on several GPUs, which is done from the command line.
SCRIPTED = frozenset({"PROCESSES", "MORE_CLASS_FIELD"})
# Settings of one network and of the machine: a first map needs none of them. Train classifier shows them all but those of
# scripts.
EXPERT = SCRIPTED | frozenset(
    {
        "BATCH_NORM",
        "SQUEEZE_EXCITATION",
        "MODEL_OPTIONS",
        "MODALITY_DROPOUT",
        "COMMON_WEIGHT",
        "INVARIANCE_WEIGHT",
        "DENOISE",
        "DENOISER",
        "INIT_FROM",
        "FREEZE_FEATURES",
        "DROPOUT",
        "BATCH_SIZE",
        "LEARNING_RATE",
        "SCHEDULE",
        "WEIGHT_DECAY",
        "LABEL_SMOOTHING",
        "CLASS_WEIGHTS",
        "FEWEST_DRAWS",
        "SURROUND_DROPOUT",
        "AUGMENT",
        "PATIENCE",
        "PRECISION",
        "REDUCTION",
        "NORMALISATION",
        "COMPONENTS",
        "WHITEN",
        "SPLIT_FIELD",
        "BLOCK_SIZE",
        "FOLDS",
        "VALIDATION_SHARE",
        "DEVICE",
        "TILE_SIZE",
        "PROBABILITIES",
        "SPLIT_OUTPUT",
    }
)

METHOD_TAGS = (
    tr("machine learning"),
    tr("deep learning"),
    tr("neural network"),
    tr("random forest"),
    tr("support vector machine"),
    "SVM",
    "LDA",
    "HybridSN",
)

WHAT_TO_PREPARE = tr(
    "<h3>What to prepare</h3>"
    "<ul><li><b>A scene</b>: any raster that GDAL can open, in its original CRS, not resampled, with all its "
    "bands.</li>"
    "<li><b>Labels</b>: polygons or points, with a field that holds the class as a number or a name; or a raster of "
    "class values on the grid of the scene, 0 for unlabelled. Polygons and points may be in any CRS. If the layer is "
    "styled by category, class names and colours come from its style.</li>"
    "<li>A few dozen pixels per class, in <b>two or more separate places</b> per class: with a single place you get a "
    "map, but its accuracy is unknown.</li></ul>"
)

HONEST_CHECK = tr(
    "<h3>How to read the accuracy</h3>"
    "<p>With <b>Check accuracy on: Separate places</b> the labels are divided into groups by location, and each group "
    "is tested by models trained on the others. That shows what to expect in new places. The model is then trained "
    "on <b>all</b> labels. <b>Random pixels</b> is there for comparison with the literature: most test pixels then "
    "lie next to a training pixel, and the accuracy shows how well the method remembers, not how well it maps. The "
    "log warns if the accuracy, or that of a class, is not known, and says what to label.</p>"
    "<ul><li><b>Overall accuracy</b>: share of test pixels that are right; large classes dominate it.</li>"
    "<li><b>Average accuracy</b>: mean over the classes, with equal weight.</li>"
    "<li><b>Kappa</b>: 0 is as good as chance, 1 is perfect (Cohen 1960).</li></ul>"
)

METHODS = tr(
    "<h3>The method</h3>"
    "<p><b>Automatic</b> compares logistic regression, shrinkage LDA, a support vector machine, a random forest and "
    "small "
    "networks on the same test places, picks the best, or an average of several, and reports in the log which and "
    "why. <b>Effort</b> sets how many are compared: Quick is for a first look; Thorough also tries HybridSN (3-D "
    "convolutions over "
    "the spectrum, then 2-D ones over space; Roy et al. 2020, IEEE Geoscience and Remote Sensing Letters 17(2)) and "
    "takes "
    "longest.</p>"
    "<p>Under <b>Advanced Parameters</b> are settings of single methods, such as Neighbourhood and Epochs. Choose the "
    "method before you set them; if left empty, the method's own setting is used.</p>"
    "<p><b>Second raster</b> is for the method <i>Two sources in a common space</i> only: elevation, lidar, multispectral "
    "or radar on the pixels of the scene. With <b>Modality dropout</b> the model can later map from either raster "
    "alone.</p>"
)
