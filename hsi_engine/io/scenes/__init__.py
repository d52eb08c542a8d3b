"""Scenes: opening, describing, reading and writing them."""
