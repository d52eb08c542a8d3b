"""Reading scenes and labels, writing maps: the only place that touches raster and vector files."""
