"""Suggest where to label next, from a model and its scene."""
