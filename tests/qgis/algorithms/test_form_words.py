"""Messages of the engine name what a form shows, not the parameters of Python."""

from __future__ import annotations

import pytest

from qgis_plugin.engine.operations import load_operations
from qgis_plugin.runs.form_words import in_form_words

TRAIN = load_operations()["train_classifier"]


@pytest.mark.parametrize(
    ("said", "in_form"),
    [
        (
            "Parameter 'epochs' is a setting of networks; SVM has no such setting.",
            "“Epochs” is a setting of networks; SVM has no such setting.",
        ),
        ("Leave it out, or choose a network with 'model'.", "Leave it out, or choose a network with “Method”."),
        (
            "Set 'model' to hybridsn, or leave it out.",
            f"Set “Method” to “{TRAIN.parameter('model').choice_titles['hybridsn']}”, or leave it out.",
        ),
        ("Parameter 'extent' (Extent): it is empty.", "Parameter 'extent' (Extent): it is empty."),
        ("Leave it out, or train without 'init_from'.", "Leave it out, or train without “Start from model”."),
        ("Trained by one process, whatever 'processes' says.", "Trained by one process, whatever “Processes” says."),
        (
            "Parameter 'patch_size' (Neighbourhood): must be an odd number; found 4.",
            "“Neighbourhood (px)” must be an odd number; found 4.",
        ),
        (
            "Use resampling 'nearest' or 'majority' to resample.",
            "Set “Resampling of labels” to “Nearest pixel” or “Class with the largest share” to resample.",
        ),
        (
            "Run Assess map (hsi assess), or train again with more labels (hsi train --more-labels); see (hsi.html).",
            "Run Assess map, or train again with more labels; see (hsi.html).",
        ),
        (
            "0.00% of the pixels agree, but 37.50% would; less than 10%.",
            "0.00 % of the pixels agree, but 37.50 % would; less than 10 %.",
        ),
        (
            "Leave out 'denoise' and 'denoiser', or set one of 'labels', 'smooth' or 'patch_size'.",
            "Leave out “Denoise the scene first” and “Denoiser”, or set one of “Training polygons or points”, “Smooth the map” or “Neighbourhood (px)”.",
        ),
        ("Choose one of 'model' and 'barley', or leave out 'a' and 'b'.", None),
        ("/data/cover_50%.tif, '50% cover' and 7%.tif.", None),
        ("Class 'model' has no labels, and the field 'class_field' neither.", None),
        ("/data/class_field/patch_size.tif does not exist.", None),
    ],
)
def test_parameters_have_the_titles_of_the_form(said: str, in_form: str | None) -> None:
    assert in_form_words(TRAIN, said) == (said if in_form is None else in_form)
