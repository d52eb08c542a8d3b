"""A scene of any format as a GeoTIFF."""
