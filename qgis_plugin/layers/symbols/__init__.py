"""Symbols of vector layers: which colours are seen of them."""
