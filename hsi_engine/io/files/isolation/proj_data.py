"""Where PROJ finds its database in contexts that rasterio does not set up."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path


def name_proj_data() -> None:
    """Name the data of rasterio's PROJ in the environment, unless the user has named some.

    rasterio tells its own contexts of PROJ where the database is. The reader of GeoTIFF makes others for units that have no
    code, such as kilometres, and these print that there is none. pyproj and pyogrio look into their own folders first.
    """
    if "PROJ_DATA" in os.environ or "PROJ_LIB" in os.environ:
        return
    found = importlib.util.find_spec("rasterio")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        data = Path(folder) / "proj_data"  # of a wheel; elsewhere PROJ knows its own folder
        if (data / "proj.db").is_file():
            os.environ["PROJ_DATA"] = str(data)
