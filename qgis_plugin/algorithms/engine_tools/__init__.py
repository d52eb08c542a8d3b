"""Algorithms that set up the engine and report on it."""
