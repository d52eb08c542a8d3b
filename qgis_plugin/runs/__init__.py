"""A run of the engine: what it gets, what it reports, and where its outputs go."""
