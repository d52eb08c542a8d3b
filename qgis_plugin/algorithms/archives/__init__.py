"""Algorithms that work on many scenes at once."""
