"""Opening rasters of any format, and what all of them say about their bands."""
