"""Reading scenes and labels, writing maps: the only place that touches raster and vector files."""

from .files.isolation.network import close_network
from .files.isolation.proj_data import name_proj_data

# Before any module of this room loads GDAL.
close_network()
name_proj_data()
