"""Drawing polygons and points on pixels, and telling which claim the same ones."""
