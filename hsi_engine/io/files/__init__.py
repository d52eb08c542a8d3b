"""Files by name: archives, paths that only GDAL knows, what lies next to them, and outputs that appear by rename."""
