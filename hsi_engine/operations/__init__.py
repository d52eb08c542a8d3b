"""What the engine can do: the definition of each operation in a module of its name, its run in another."""

NAMES = (
    "inspect_scene",
    "import_scene",
    "colour_scene",
    "check_labels",
    "preview",
    "train_classifier",
    "classify_scene",
    "classify_scenes",
    "suggest_labels",
    "train_and_classify",
    "explain_pixel",
    "band_importance",
    "compare_models",
    "model_information",
    "export_model",
    "sample_reference_points",
    "assess_map",
    "clean_map",
    "export_map",
    "denoise_scene",
    "fit_pca",
    "run_demo",
    "check_engine",
)
"""All operations, each in a folder of this name, in the order in which they are listed. Nothing is loaded for it."""
