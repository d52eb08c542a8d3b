"""The engine's own Python environment: where it is, how it is built, checked, repaired and described."""
