"""A run of the engine: what it gets, what it says, and where its outputs go."""
