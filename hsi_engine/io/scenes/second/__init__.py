"""A scene and a second raster on its grid, read as one scene."""
