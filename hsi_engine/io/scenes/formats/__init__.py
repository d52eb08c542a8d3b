"""Reading pixels faster or elsewhere than GDAL does, by format."""
