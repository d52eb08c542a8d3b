"""The network, which is off: no input makes the engine send anything, whatever it names.

GDAL reads its settings from the environment, so that they hold for the GDAL of rasterio and for that of pyogrio, in every
thread. All of its requests go through libcurl, which gets a proxy that does not exist.
"""

from __future__ import annotations

import os
import re

ALLOW = "HSI_ENGINE_ALLOW_NETWORK"
"""The variable of the environment that allows the network, and formats that are not on the list, if it is ``1``."""

HINT = f"Copy what it refers to onto this machine. If you trust it, set the environment variable {ALLOW}=1 to allow network access."

# Never needed here, network or not: reading standard input, on which the worker is spoken to, and Python in a VRT.
_ALWAYS = {"CPL_ALLOW_VSISTDIN": "NO", "GDAL_VRT_ENABLE_PYTHON": "NO"}
_OFF = {
    "GDAL_HTTP_PROXY": "off://network",
    "GDAL_HTTPS_PROXY": "off://network",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "network is off",
    "GML_DOWNLOAD_SCHEMA": "NO",
}
# Hosts that are asked past a proxy. A value that fits none has to be there: an empty one counts as none.
_PAST_PROXY = ("no_proxy", "NO_PROXY")
_NO_HOST = "none.invalid"

# Virtual file systems that stay on this machine; one that is not known here may not.
_LOCAL_SYSTEMS = frozenset({"zip", "gzip", "tar", "7z", "rar", "subfile", "mem"})
# At the beginning, in quotes, after an option, or right after another one; a folder may have such a name.
_SYSTEM = re.compile(
    r"(?:^|(?<=[\"',:=({\s/])|(?<=/vsizip)|(?<=/vsitar)|(?<=/vsigzip)|(?<=/vsi7z)|(?<=/vsirar))/vsi([a-z0-9_]+)(?=[/?]|$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![A-Za-z0-9])(?:https?|ftp|s3|gs|az|abfss?|hdfs|oss|swift)://?[^/]", re.IGNORECASE)
# Names that a driver takes for itself: services, data bases, programs that it starts.
_SERVICE = re.compile(
    r"(?:ADBC|AMIGOCLOUD|CARTO|COUCHDB|CSW|DAAS|EEDAI?|ES|GEOR(?:ASTER)?|GMLAS|GPSBABEL|HANA|IIP|MONGODBV3|MSSQL|MYSQL|NGW|OAPIF"
    r"|OAPIF_COLLECTION|OCI|ODBC|OGCAPI|PG|PGEO|PLMOSAIC|PLSCENES|POSTGRESQL|RDA|STACI?TA?|WCS|WFS3?|WMS|WMTS)\s*:",
    re.IGNORECASE,
)


def network_is_allowed() -> bool:
    """Whether the person who started the process allows network access."""
    return os.environ.get(ALLOW, "").strip().lower() in ("1", "yes", "true", "on")


def close_network() -> None:
    """Turn the network off for GDAL in this process and those that it starts, before GDAL is loaded."""
    os.environ.update(_ALWAYS if network_is_allowed() else _ALWAYS | _OFF)


def let_no_host_past() -> None:
    """In a process of the engine's own, let no host past the proxy either; a program that imports the engine may need them."""
    if not network_is_allowed():
        os.environ.update(dict.fromkeys(_PAST_PROXY, _NO_HOST))


def place_elsewhere(name: str) -> str | None:
    """What in a name, as GDAL takes it, leads off this machine or to standard input; None if nothing does."""
    for system in _SYSTEM.finditer(name):
        if system[1].lower() not in _LOCAL_SYSTEMS:
            return system[0]
    for pattern, found in ((_ADDRESS, _ADDRESS.search(name)), (_SERVICE, _SERVICE.match(name.strip()))):
        if found is not None:
            return found[0][:-1] if pattern is _ADDRESS else found[0]
    return None
