"""The engine's own Python environment: its place, and how it is built, checked, repaired and described."""
