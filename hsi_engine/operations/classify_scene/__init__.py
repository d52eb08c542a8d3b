"""Mapping a scene with a model."""
