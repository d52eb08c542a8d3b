"""Paragraphs that the help texts of all trainings share."""

from __future__ import annotations

from ..translation import tr

# What a person has to decide, in the order in which they will; all else is under Advanced Parameters.
VISIBLE = ("SCENE", "LABELS", "CLASS_FIELD", "MODEL", "EFFORT", "SPLIT")

# For those who train on several GPUs, which is done from the command line.
SCRIPTED = frozenset({"PROCESSES"})
# Settings of one network and of the machine: a first map needs none of them. Train classifier shows them all but those of
# scripts.
EXPERT = SCRIPTED | frozenset(
    {
        "BATCH_NORM",
        "SQUEEZE_EXCITATION",
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
    "<ul><li><b>A scene</b>: any raster that GDAL opens, in its own CRS, not resampled, with all its bands.</li>"
    "<li><b>Labels</b>: polygons or points, with a field that holds the class as a number or a name; or a raster of "
    "class values on the grid of the scene, 0 where nothing is known. Polygons and points may lie in any CRS. If the "
    "layer is styled by category, names and colours are taken from its style.</li>"
    "<li>Some dozens of pixels a class, in <b>two or more separate places</b> of each class: with a single place there is a "
    "map, but nobody can say how good it is.</li></ul>"
)

HONEST_CHECK = tr(
    "<h3>How to read the accuracy</h3>"
    "<p>With <b>Check accuracy on: Separate places</b> the labels are dealt into groups that lie apart; each group is tested by "
    "models that were trained on the others. That says what to expect on new ground. The map itself is then made with "
    "<b>all</b> labels. <b>Random pixels</b> is there for comparison with the literature: most test pixels then lie beside "
    "one that was trained on, and the accuracy says how well the method remembers, not how well it maps. The log warns "
    "where the accuracy, or that of a class, is not known, and says what to label.</p>"
    "<ul><li><b>Overall accuracy</b>: share of the test pixels that are right; large classes decide it.</li>"
    "<li><b>Average accuracy</b>: mean over the classes, each counting the same.</li>"
    "<li><b>Kappa</b>: 0 is as good as chance, 1 is perfect (Cohen 1960).</li></ul>"
)

METHODS = tr(
    "<h3>The method</h3>"
    "<p><b>Automatic</b> compares logistic regression, shrinkage LDA, a support vector machine, a random forest and small "
    "networks on the same test places, takes the best, or an average of several, and says in the log which and why. "
    "<b>Effort</b> says how many are compared: Quick is for a first look; Thorough also tries HybridSN (3-D convolutions over "
    "the spectrum, then 2-D ones over space; Roy et al. 2020, IEEE Geoscience and Remote Sensing Letters 17(2)) and takes "
    "longest.</p>"
    "<p>Under <b>Advanced Parameters</b> are settings of one method, such as Neighbourhood and Epochs. They need that method "
    "to be chosen, and where they are left alone the method decides.</p>"
)
