"""Pythons of this machine, and whether they can run the engine."""
