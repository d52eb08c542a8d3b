"""Numbers, names and devices that are not allowed, and arguments in each other's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import hsi_engine
from hsi_engine.errors import BundleError, DeviceError, HsiError, LabelError, ParameterError, SceneError, TrainingError
from projects import Project

Refused = Callable[..., HsiError]

VALUES: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {
    "even patch": (
        {"patch_size": 24},
        "value",
        ("'patch_size' (Neighbourhood)", "odd whole number from 1 to 99", "24"),
    ),
    "too large patch": ({"patch_size": 101}, "value", ("from 1 to 99", "found 101")),
    "negative patch": ({"patch_size": -3}, "value", ("from 1 to 99", "found -3")),
    "too small patch": (
        {"patch_size": 7},
        "patch_too_small",
        ("a patch of 9×9 to 99×99 pixels", "found 7×7", "from 9 to 99"),
    ),
    "few components": ({"components": 12}, "too_few_components", ("at least 13", "found 12", "Use more components")),
    "text as number": ({"epochs": "many"}, "value", ("'epochs' (Epochs)", "from 1 to 10000", "found 'many'")),
    "truth as number": ({"epochs": True}, "value", ("'epochs' (Epochs)", "found True")),
    "fraction as count": ({"patch_size": 9.5}, "value", ("odd whole number", "found 9.5")),
    "NaN": ({"learning_rate": float("nan")}, "value", ("'learning_rate'", "found nan")),
    "share beyond 1": ({"train_share": 1.5}, "value", ("'train_share'", "less than 1", "found 1.5")),
    "shares together": ({"train_share": 0.9, "validation_share": 0.9}, "validation_share", ("found 0.9", "Lower")),
    "unknown model": ({"model": "hybridsm"}, "value", ("'model' (Method)", "'hybridsm'", "Did you mean hybridsn?")),
    "far from any model": ({"model": "unet"}, "value", ("'unet'", "one of auto, logistic_regression, lda")),
    "unknown choice": (
        {"split": "block"},
        "value",
        ("'split'", "one of folds, blocks, random, polygons, none", "mean blocks?"),
    ),
    "unknown parameter": ({"epoch": 3}, "unknown", ("no parameter 'epoch'", "Did you mean epochs?")),
    "bands outside": ({"bands": "1-99"}, "band_selection_outside", ("'1-99'", "from 1 to 16", "1-99nm")),
    "bands in words": ({"bands": "red"}, "band_selection_format", ("'red'", "400-900nm")),
    "too few bands": ({"bands": "1-5"}, "n_components", ("only 5 bands", "at most 5")),
    "patience alone": ({"patience": 2}, "patience_without_validation", ("'patience'", "Set a validation share")),
    "distances without folds": (
        {"split": "blocks", "match_distances": True},
        "match_distances_without_folds",
        ("'match_distances'", "checked on 'blocks'", "folds"),
    ),
    "small blocks": ({"split": "blocks", "block_size": 2}, "block_px", ("guard of 4 pixels", "found 2", "Use 16")),
    "setting of no method": (
        {"model": "auto"},
        "setting_of_auto",
        ("'epochs'", "the automatic choice compares several", "leave the setting out"),
    ),
    "setting of a network": (
        {"model": "svm", "components": None, "patch_size": None},
        "setting_of_networks",
        ("'epochs'", "SVM (RBF kernel) has no such setting", "choose a network"),
    ),
    "patch of a spectrum": (
        {"model": "lda", "epochs": None, "components": None},
        "patch_too_large",
        ("Shrinkage LDA needs a patch of 1×1 pixels", "found 9×9"),
    ),
    "option of another method": (
        {"model": "spectral_cnn", "components": None, "squeeze_excitation": True},
        "model_option",
        ("has no option 'squeeze_excitation'", "Its options are batch_norm, dropout"),
    ),
    "no path": ({"scene": 5}, "value", ("'scene' (Scene)", "path of a file", "found 5")),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_that_are_not_allowed(case: str, refused: Refused) -> None:
    changes, code, words = VALUES[case]
    refused("train_classifier", ParameterError, code, *words, **changes)


def test_a_parameter_that_is_missing(project: Project, refused: Refused) -> None:
    given = project.parameters("train_classifier")
    with pytest.raises(ParameterError, match=r"'labels' \(Labels\) is required"):
        hsi_engine.train_classifier(**{k: v for k, v in given.items() if k != "labels"})
    refused("train_classifier", ParameterError, "value", "'labels' (Labels)", "found nothing", labels=None)


@pytest.mark.parametrize("operation", ["train_classifier", "classify_scene"])
def test_devices_that_are_unknown_or_not_there(operation: str, refused: Refused) -> None:
    refused(operation, DeviceError, "unknown", "'gpu'", "cuda:0", device="gpu")
    # No machine has a hundredth GPU, so this is asked for in vain everywhere.
    refused(operation, DeviceError, "missing", "'cuda:99'", "torch sees", "device auto or cpu", device="cuda:99")


@pytest.mark.skipif(torch.cuda.is_available(), reason="This machine has a GPU.")
@pytest.mark.parametrize("operation", ["train_classifier", "classify_scene"])
def test_a_gpu_where_there_is_none(operation: str, refused: Refused) -> None:
    refused(operation, DeviceError, "missing", "'cuda'", "no CUDA GPU", "device auto or cpu", device="cuda")


SWAPPED: dict[str, tuple[str, dict[str, str], type[HsiError], str, str]] = {
    "scene and polygons": (
        "train_classifier", {"scene": "polygons.gpkg", "labels": "scene.tif"}, SceneError, "not_a_raster",
        "can serve as labels",
    ),
    "scene and label raster": (
        "train_classifier", {"scene": "labels.tif", "labels": "scene.tif"}, LabelError, "bands", "has 16 bands",
    ),
    "scene and model": (
        "classify_scene", {"scene": "model.hsimodel", "model": "scene.tif"}, BundleError, "not_a_model",
        "found a TIFF raster",
    ),
    "map and reference": (
        "assess_map", {"map": "polygons.gpkg", "reference": "map.tif"}, LabelError, "not_a_raster",
        "polygons can be its reference",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SWAPPED)
def test_arguments_in_each_others_place(case: str, project: Project, refused: Refused) -> None:
    operation, names, error, code, words = SWAPPED[case]
    refused(operation, error, code, words, **{name: project / file for name, file in names.items()})


def test_a_checkpoint_that_is_none_is_kept_for_its_owner(project: Project, refused: Refused) -> None:
    (project / "out" / "m.hsimodel.checkpoint").write_bytes(b"not a checkpoint")
    refused("train_classifier", TrainingError, "checkpoint_damaged", "cannot be read", "Delete it", resume=True)
