"""Names of parameters and outputs, letter by letter: scripts and models of users hold them."""

from __future__ import annotations

import pytest
from qgis.core import QgsProcessingContext

from qgis_plugin.provider import HsiProvider

LABELS = "CLASS_FIELD NAME_FIELD COLOR_FIELD LEGEND OVERLAP ALL_TOUCHED RESAMPLING MIN_SAMPLES SMALL_CLASSES"
TRAINING = (
    f"{LABELS} SPLIT COMPARE_SPLIT SPLIT_SOURCE SPLIT_FIELD TRAIN_SHARE VALIDATION_SHARE BLOCK_SIZE BANDS COMPONENTS"
    " EFFORT FEWEST_DRAWS SURROUND_DROPOUT FOLDS SMOOTH TIME_LIMIT REDUCTION NORMALISATION WHITEN MODEL PATCH_SIZE MODEL_OPTIONS INIT_FROM FREEZE_FEATURES MODALITY_DROPOUT COMMON_WEIGHT INVARIANCE_WEIGHT BATCH_NORM SQUEEZE_EXCITATION DROPOUT EPOCHS BATCH_SIZE LEARNING_RATE SCHEDULE"
    " WEIGHT_DECAY LABEL_SMOOTHING CLASS_WEIGHTS AUGMENT PATIENCE SEED DEVICE PRECISION PROCESSES RESUME"
)
RASTERS = "OUTPUT CONFIDENCE PROBABILITIES UNSMOOTHED APPLICABILITY DISSIMILARITY SET_SIZE SETS"
PARAMETERS = {
    "train_classifier": f"SCENE NODATA SECOND RESAMPLE_SECOND LABELS LABELS_RASTER OUTPUT REPORT SPLIT_OUTPUT {TRAINING}",
    "classify_scene": (
        f"SCENE NODATA SECOND RESAMPLE_SECOND ONLY_SECOND MODEL {RASTERS} REPORT EXTENT MASK MIN_CONFIDENCE COVERAGE SET_METHOD SMOOTH MEMORY_MB TILE_SIZE"
        " DEVICE RESUME"
    ),
    "train_and_classify": (
        f"SCENE NODATA SECOND RESAMPLE_SECOND LABELS LABELS_RASTER {RASTERS} MODEL_OUTPUT REPORT SPLIT_OUTPUT"
        f" {TRAINING} EXTENT MASK MIN_CONFIDENCE COVERAGE SET_METHOD MEMORY_MB TILE_SIZE"
    ),
    "assess_map": (
        "MAP REFERENCE REFERENCE_RASTER REPORT PICTURE METRICS TABLE CLASS_FIELD DESIGN OTHER_MAPS INTERPRETER_FIELDS"
        " STRATUM_FIELD STRATA INTERVAL SUBSET SUBSET_VALUE SUBSET_FIELD"
        " MODEL SCENE UNCLASSIFIED OVERLAP ALL_TOUCHED RESAMPLING LEGEND"
    ),
    "check_labels": (
        "SCENE NODATA LABELS LABELS_RASTER REPORT PROBLEMS CLASS_FIELD NAME_FIELD COLOR_FIELD LEGEND OVERLAP ALL_TOUCHED"
        " RESAMPLING BANDS"
    ),
    "compare_models": (
        "SCENE NODATA LABELS LABELS_RASTER RESULTS REPORT CLASS_FIELD MODELS SEEDS SPLIT NAME_FIELD COLOR_FIELD LEGEND OVERLAP"
        " ALL_TOUCHED RESAMPLING BANDS FOLDS BLOCK_SIZE TRAIN_SHARE EPOCHS MIN_SAMPLES SMALL_CLASSES SEED DEVICE PRECISION"
    ),
    "band_importance": (
        "SCENE LABELS LABELS_RASTER NODATA MODEL REPORT TABLE CLASS_FIELD NAME_FIELD COLOR_FIELD LEGEND OVERLAP ALL_TOUCHED"
        " RESAMPLING REPEATS GROUPS CORRELATION PIXELS FOLDS BLOCK_SIZE SEED DEVICE"
    ),
    "explain_pixel": (
        "SCENE MODEL POSITION ROW COL COVERAGE SET_METHOD SMOOTH NEAREST LABELS LABELS_RASTER CLASS_FIELD NODATA SECOND"
        " RESAMPLE_SECOND ONLY_SECOND DEVICE NAME_FIELD COLOR_FIELD LEGEND OVERLAP ALL_TOUCHED RESAMPLING REPORT"
    ),
    "model_information": "MODEL SCENE NODATA SECOND RESAMPLE_SECOND REPORT",
    "preview_map": (
        "SCENE LABELS LABELS_RASTER NODATA OUTPUT CLASS_FIELD EXTENT LARGEST_SIZE NAME_FIELD COLOR_FIELD LEGEND OVERLAP"
        " ALL_TOUCHED RESAMPLING BANDS CACHE"
    ),
    "denoise_scene": "SCENE NODATA MODEL OUTPUT MODEL_OUTPUT BANDS STEPS MEMORY_MB SEED DEVICE",
    "fit_pca": "SCENE NODATA OUTPUT COMPONENTS WHITEN BANDS STATISTICS",
    "scene_information": "SCENE NODATA STATISTICS REPORT",
    "colour_scene": "SCENE COMPOSITE LOWER_PERCENT UPPER_PERCENT NODATA STYLE PICTURE IMAGE",
    "clean_map": "MAP OUTPUT TABLE MAJORITY MIN_AREA AREA_UNIT LEGEND",
    "sample_reference_points": (
        "MAP OUTPUT POINTS DESIGN TARGET_ERROR EXPECTED_ACCURACY ALLOCATION MINIMUM_PER_STRATUM STRATA STRATA_FIELD"
        " CROSS_CLASSES MINIMUM_DISTANCE PURE_NEIGHBOURHOOD EXTENT MASK LEGEND SEED"
    ),
}
ACCURACY = "OVERALL_ACCURACY AVERAGE_ACCURACY KAPPA"
OUTPUTS = {
    "train_classifier": (f"OUTPUT REPORT SPLIT_OUTPUT {ACCURACY} LEAKAGE CLASSES TRAINING_PIXELS TEST_PIXELS MODEL_ID"),
    "classify_scene": f"{RASTERS} REPORT CLASSES UNCLASSIFIED_PIXELS NODATA_PIXELS MODEL_ID",
    "train_and_classify": (f"{RASTERS} MODEL_OUTPUT REPORT SPLIT_OUTPUT {ACCURACY} LEAKAGE CLASSES"),
    "assess_map": f"REPORT PICTURE METRICS TABLE {ACCURACY} PIXELS CORRECT_PIXELS UNCLASSIFIED_PIXELS QUESTION"
    " LOWEST_ACCURACY HIGHEST_ACCURACY UNLABELLED_POINTS CLASSES",
    "check_labels": (
        "REPORT PROBLEMS VERDICT CAN_TRAIN CAN_TEST CLASSES UNTESTED_CLASSES HARDLY_SEPARABLE_PAIRS LOWEST_DISTANCE"
        " PROBLEM_COUNT"
    ),
    "compare_models": "RESULTS REPORT VERDICT BEST OVERALL_ACCURACY COMPARED",
    "band_importance": "REPORT TABLE HEADLINE AVERAGE_ACCURACY TESTED_PIXELS GROUP_COUNT IMPORTANCE",
    "explain_pixel": "REPORT CLASS_VALUE CLASS_NAME PROBABILITY SET INSIDE DISSIMILARITY EXPLANATION",
    "clean_map": "OUTPUT TABLE CLASSES PIXELS CHANGED_PIXELS NODATA_PIXELS",
    "sample_reference_points": "OUTPUT POINT_COUNT STRATUM_COUNT EXPECTED_STANDARD_ERROR PIXELS",
    "model_information": ("REPORT SUMMARY VERDICT FITS REASON CLASSES OVERALL_ACCURACY MEASURED PATCH_SIZE MODEL_ID"),
    "preview_map": "OUTPUT CACHE CLASSES METHOD TRAINED CUT ACCURACY SECONDS",
    "denoise_scene": (
        "OUTPUT MODEL_OUTPUT BANDS_DENOISED COMPONENT_COUNT SIGNAL_TO_NOISE DENOISED_PIXELS CLIPPED_VALUES"
    ),
    "fit_pca": "OUTPUT STATISTICS COMPONENT_COUNT EXPLAINED BANDS_USED",
    "colour_scene": "STYLE PICTURE IMAGE TITLE RED_BAND GREEN_BAND BLUE_BAND",
    "scene_information": "REPORT ROWS COLS BANDS USABLE_BANDS VALID_SHARE CRS",
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(provider: HsiProvider, name: str) -> None:
    definitions = provider.algorithm(name).parameterDefinitions()
    # The order may change with the form, the names may not.
    assert {definition.name() for definition in definitions} == set(PARAMETERS[name].split())


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs(provider: HsiProvider, name: str) -> None:
    definitions = provider.algorithm(name).outputDefinitions()
    assert {definition.name() for definition in definitions} == set(OUTPUTS[name].split())


@pytest.mark.parametrize("name", ["train_classifier", "train_and_classify"])
def test_six_fields_are_to_be_decided_and_the_rest_is_folded_away(provider: HsiProvider, name: str) -> None:
    inputs = [d for d in provider.algorithm(name).parameterDefinitions() if not d.isDestination()]
    shown = [d for d in inputs if not d.flags() & d.Flag.FlagHidden]
    visible = [d.name() for d in shown if not d.flags() & d.Flag.FlagAdvanced]
    assert visible == ["SCENE", "LABELS", "CLASS_FIELD", "MODEL", "EFFORT", "SPLIT"]
    assert len(shown) <= {"train_and_classify": 32, "train_classifier": 60}[name]
    assert [d.name() for d in inputs[:6]] == visible
    titles = [d.description() for d in inputs[:6]]
    assert titles == ["Scene", "Training polygons or points", "Class field", "Method", "Effort", "Check accuracy on"]


def test_what_no_form_shows_still_counts_in_scripts(provider: HsiProvider, scene_path, polygons_path) -> None:
    algorithm = provider.algorithm("train_and_classify").create()
    hidden = [d.name() for d in algorithm.parameterDefinitions() if d.flags() & d.Flag.FlagHidden]
    assert "BATCH_NORM" in hidden
    given = {"SCENE": str(scene_path), "LABELS": str(polygons_path), "MODEL": "auto", "BATCH_NORM": "true"}
    given.update(dict.fromkeys(("OUTPUT", "MODEL_OUTPUT"), "TEMPORARY_OUTPUT"))
    accepted, message = algorithm.checkParameterValues(given, QgsProcessingContext())
    assert not accepted
    assert "Batch normalisation" in message
