"""Class maps for other programs: cloud optimized, as polygons, with their legend."""
