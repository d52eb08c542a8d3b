"""Reading scenes and labels, writing maps: the only place that touches raster and vector files."""

from .files.isolation.network import close_network

close_network()  # before any module of this room loads GDAL
