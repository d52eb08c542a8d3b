"""Forms: QGIS parameters from the engine's descriptions, their values, and what is refused before a run."""
