"""Models in open formats, for programs that know nothing of the engine."""
