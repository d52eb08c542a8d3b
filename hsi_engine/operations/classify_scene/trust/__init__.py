"""Where a model may be trusted, as rasters and figures of a map."""
