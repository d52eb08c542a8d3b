#!/bin/sh
# Some tests ask GDAL's own gdalinfo what it sees in our files. Where it cannot be installed, the other tests still run.
set -eu

if ! command -v gdalinfo >/dev/null 2>&1 &&
    ! "$(dirname "$0")/apt_install.sh" "Some tests need the program gdalinfo." gdal-bin; then
    echo "The tests that need gdalinfo are going to fail; the others run." >&2
fi
