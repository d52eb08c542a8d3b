"""Which bands a model needs."""
