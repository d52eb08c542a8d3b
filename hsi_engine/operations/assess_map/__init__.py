"""Accuracy of a map against reference data."""
