"""Features of vector layers, as files for the engine."""
