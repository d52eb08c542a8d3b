"""What the engine can do: the definition of each operation in a module of its name, its run in another."""

COMMANDS = {
    "inspect_scene": "info",
    "import_scene": "import",
    "colour_scene": "colour",
    "check_labels": "check-labels",
    "preview": "preview",
    "train_classifier": "train",
    "classify_scene": "classify",
    "classify_scenes": "classify-many",
    "suggest_labels": "suggest-labels",
    "train_and_classify": "map",
    "explain_pixel": "explain",
    "band_importance": "importance",
    "compare_models": "compare",
    "model_information": "model-info",
    "export_model": "export-model",
    "sample_reference_points": "sample",
    "assess_map": "assess",
    "clean_map": "clean",
    "export_map": "export-map",
    "denoise_scene": "denoise",
    "fit_pca": "pca",
    "run_demo": "demo",
    "check_engine": "check",
}
"""All operations, each in a folder of this name, in the order in which they are listed, and the command of each. Nothing is loaded for it."""

NAMES = tuple(COMMANDS)
