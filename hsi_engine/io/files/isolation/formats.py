"""The formats of GDAL that are read: those of files. Services, data bases and formats that start programs are not among them."""

from __future__ import annotations

from ....errors import SceneError
from .network import ALLOW, network_is_allowed

RASTERS = frozenset(
    """AAIGrid ACE2 ADRG AIG AirSAR BAG BIGGIF BLX BMP BSB BT BYN CALS CEOS COG COASP COSAR CPG CTG CTable2 DIMAP DIPEx DOQ1 DOQ2
    DTED ECRGTOC EHdr EIR ELAS ENVI ERS ESAT ESRIC FAST FIT GFF GIF GPKG GRASSASCIIGrid GRIB GS7BG GSAG GSBG GSC GTX GTiff GXF
    GenBin HDF4 HDF4Image HDF5 HDF5Image HF2 HFA ILWIS IRIS ISCE ISG ISIS2 ISIS3 JAXAPALSAR JDEM JP2ECW JP2KAK JP2MrSID
    JP2OpenJPEG JPEG JPEGXL KRO L1B LAN LCP LIBERTIFF LOSLAS Leveller MAP MBTiles MEM MFF MFF2 MSGN Memory MiraMonRaster NDF
    NGSGEOID NITF NOAA_B NSIDCbin NTv2 NWT_GRC NWT_GRD OZI PAux PCIDSK PCRaster PDS PDS4 PNG PNM PRF R RCM RIK RMF ROI_PAC RPFTOC
    RRASTER RS2 RST Rasterlite S102 S104 S111 SAFE SAGA SAR_CEOS SDTS SENTINEL2 SGI SIGDEM SNAP_TIFF SNODAS SRP SRTMHGT SQLite
    TGA TIL TSX Terragen USGSDEM VICAR VRT WEBP XPM XYZ ZMap Zarr netCDF""".split()
)
VECTORS = frozenset(
    """AIVector AVCBin AVCE00 Arrow CSV DGN DXF EDIGEO ESRIJSON FlatGeobuf GML GPKG GPX GTFS GeoJSON GeoJSONSeq GeoRSS Idrisi JML
    JSONFG KML LIBKML LVBAG MBTiles MEM MVT MapML Memory MiraMonVector ODS OGR_GMT OGR_PDS OGR_VRT OSM OpenFileGDB PCIDSK PDS4
    PGDUMP PMTiles Parquet S57 SQLite SXF Selafin TopoJSON VDV VFK VICAR WAsP XLS XLSX""".split()
) | {"ESRI Shapefile", "MapInfo File"}


def check_format(name: str, shown: str, formats: frozenset[str]) -> None:
    """Make sure that GDAL read a source in a format of files.

    Parameters
    ----------
    name : GDAL's short name of the format.
    formats : :data:`RASTERS` or :data:`VECTORS`.

    Raises
    ------
    SceneError : it is in another one, and the environment does not allow that.
    """
    if name not in formats and not network_is_allowed():
        raise SceneError(
            f"{shown} is in GDAL's format {name}, which is not among those that are read: it may reach the network, a data"
            " base or a program.",
            code="format",
            hint=f"Convert it to a GeoTIFF or a GeoPackage. If you trust it, set the environment variable {ALLOW}=1.",
        )
