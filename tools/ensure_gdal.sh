#!/bin/sh
# The tests ask GDAL's own gdalinfo what it sees in our files. Without it they are skipped, but never in CI.
set -eu

if command -v gdalinfo >/dev/null 2>&1; then
    exit 0
fi
if ! "$(dirname "$0")/apt_install.sh" "Some tests need the program gdalinfo." gdal-bin; then
    echo "The tests that call gdalinfo are going to be skipped." >&2
    [ -z "${CI:-}" ]
fi
