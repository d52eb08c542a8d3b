"""Layers of a project as files that the engine can open, and their styles as legends.

Everything is planned on the main thread, where layers may be touched, and written to disk off it.
"""

from __future__ import annotations

from .features.input import FeatureInput, feature_input
from .features.source import plan_vector
from .files import COPYING_PERCENT, KEPT_RUNS, FileOnDisk, GivenFile, PlannedFile, remove_copied_rasters
from .kept_rasters import PREVIEWED_RASTERS, KeptRasters
from .labels import LabelsOnDisk, PlannedLabels, plan_label_raster, plan_labels
from .raster_source import NoDataOption, plan_raster
from .reference_sample import plan_sample

__all__ = [
    "COPYING_PERCENT",
    "KEPT_RUNS",
    "PREVIEWED_RASTERS",
    "FeatureInput",
    "FileOnDisk",
    "GivenFile",
    "KeptRasters",
    "LabelsOnDisk",
    "NoDataOption",
    "PlannedFile",
    "PlannedLabels",
    "feature_input",
    "plan_label_raster",
    "plan_labels",
    "plan_raster",
    "plan_sample",
    "plan_vector",
    "remove_copied_rasters",
]
