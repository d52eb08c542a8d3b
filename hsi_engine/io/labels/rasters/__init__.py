"""Labels in rasters: their classes, their grid, and pixels that scene and labels share."""
