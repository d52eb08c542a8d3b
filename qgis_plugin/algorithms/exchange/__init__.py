"""Algorithms between formats: products into scenes, maps into files of other programs."""
