"""Layers of polygons and points: reading, placing, burning and writing them."""
