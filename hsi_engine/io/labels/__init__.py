"""Labels from vector layers and rasters."""
