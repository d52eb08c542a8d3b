"""Algorithms on model files."""
