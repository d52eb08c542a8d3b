"""Files that make GDAL ask a server for something, if it may."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import rasterio


def raster_vrt(source: str) -> str:
    return (
        '<VRTDataset rasterXSize="20" rasterYSize="20"><GeoTransform>0,1,0,0,0,-1</GeoTransform>'
        '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="0">{source}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )


def vector_vrt(source: str, more: str = "") -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource>{more}'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def sources_on(host: str) -> dict[str, str]:
    """Names of sources on a server, as a VRT may hold them."""
    url = f"http://{host}"
    return {
        "vsicurl": f"/vsicurl/{url}/a.tif",
        "streaming": f"/vsicurl_streaming/{url}/a.tif",
        "options": f"/vsicurl?url={url}/a.tif",
        "s3": "/vsis3/bucket/a.tif",
        "s3 streaming": "/vsis3_streaming/bucket/a.tif",
        "in a zip": f"/vsizip/vsicurl/{url}/a.zip/a.tif",
        "in a tar": f"/vsitar//vsicurl/{url}/a.tar/a.tif",
        "a part": f"/vsisubfile/0_100,/vsicurl/{url}/a.tif",
        "address": f"{url}/a.tif",
        "WMS": f"WMS:{url}/a?",
        "HDF5": f'HDF5:"/vsicurl/{url}/a.h5"://cube',
        "Zarr": f'ZARR:"/vsicurl/{url}/a.zarr"',
        "VRT of": f"vrt:///vsicurl/{url}/a.tif",
    }


def reaching_rasters(folder: Path, host: str) -> dict[str, Path]:
    """Raster files by what they do."""
    url = f"http://{host}"
    texts = {f"VRT, {name}": ("vrt", raster_vrt(source)) for name, source in sources_on(host).items()} | {
        "tile service": (
            "xml",
            f'<GDAL_WMS><Service name="TMS"><ServerUrl>{url}/${{z}}/${{x}}/${{y}}.png</ServerUrl></Service><DataWindow>'
            "<UpperLeftX>-20037508</UpperLeftX><UpperLeftY>20037508</UpperLeftY><LowerRightX>20037508</LowerRightX>"
            "<LowerRightY>-20037508</LowerRightY><TileLevel>1</TileLevel><TileCountX>1</TileCountX><TileCountY>1</TileCountY>"
            "</DataWindow><BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY><BandsCount>3</BandsCount></GDAL_WMS>",
        ),
        "coverage service": (
            "xml",
            f"<WCS_GDAL><ServiceURL>{url}/wcs?</ServiceURL><CoverageName>a</CoverageName></WCS_GDAL>",
        ),
        "map tiles": ("xml", f"<GDAL_WMTS><GetCapabilitiesUrl>{url}/wmts</GetCapabilitiesUrl></GDAL_WMTS>"),
        "tile index": (
            "gti",
            f"<GDALTileIndexDataset><IndexDataset>/vsicurl/{url}/a.gpkg</IndexDataset></GDALTileIndexDataset>",
        ),
    }
    found = {name: _written(folder / f"raster_{n}.{text[0]}", text[1]) for n, (name, text) in enumerate(texts.items())}
    plain = folder / "overviews.tif"
    with rasterio.open(plain, "w", driver="GTiff", width=20, height=20, count=1, dtype="uint8") as file:
        file.write(np.ones((1, 20, 20), np.uint8))
    pam = f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsicurl/{url}/o.ovr</MDI></Metadata></PAMDataset>'
    _written(Path(f"{plain}.aux.xml"), pam)
    return found | {"overviews elsewhere": plain}


def reaching_vectors(folder: Path, host: str) -> dict[str, Path]:
    """Vector files by what they do."""
    url = f"http://{host}"
    point = {"type": "Feature", "properties": {"class_id": 1}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    points = {"type": "FeatureCollection", "features": [point]}
    here = _written(folder / "points.geojson", json.dumps(points))
    link = {"type": "link", "properties": {"href": f"{url}/crs", "type": "proj4"}}
    geocode = f"<SrcSQL dialect=\"sqlite\">SELECT ogr_geocode('x', 'geometry', '{url}/%s') AS geom FROM points</SrcSQL>"
    gml = (
        '<ogr:FeatureCollection xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="http://ogr.maptools.org/ {url}/x.xsd" xmlns:ogr="http://ogr.maptools.org/"'
        ' xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><ogr:a fid="a.0"><ogr:geometryProperty><gml:Point>'
        "<gml:coordinates>1,2</gml:coordinates></gml:Point></ogr:geometryProperty><ogr:class_id>1</ogr:class_id>"
        "</ogr:a></gml:featureMember></ogr:FeatureCollection>"
    )
    texts = {f"VRT, {name}": ("vrt", vector_vrt(source)) for name, source in sources_on(host).items()} | {
        f"VRT of a {ending} at an address": ("vrt", vector_vrt(f"{url}/a.{ending}"))
        for ending in ("geojson", "gpkg", "csv", "kml", "gml")
    }
    texts |= {
        f"VRT of {kind}": ("vrt", vector_vrt(f"{kind}:{url}")) for kind in ("WFS", "OAPIF", "CSW", "NGW", "ES")
    } | {
        "VRT that asks where a place is": ("vrt", vector_vrt(str(here), geocode)),
        "VRT that queries elsewhere": (
            "vrt",
            vector_vrt(str(here), f"<SrcSQL dialect=\"sqlite\">SELECT * FROM '/vsicurl/{url}/a.gpkg'.a</SrcSQL>"),
        ),
        "feature service": ("xml", f"<OGRWFSDataSource><URL>{url}/wfs</URL></OGRWFSDataSource>"),
        "CRS elsewhere": ("geojson", json.dumps(points | {"crs": link})),
        "schema elsewhere": ("gml", gml),
    }
    return {name: _written(folder / f"vector_{n}.{text[0]}", text[1]) for n, (name, text) in enumerate(texts.items())}


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
