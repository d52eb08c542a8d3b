#!/bin/sh
# Makes the pictures of README and docs from a run of the demo: docs/pictures/*.png
#
#   sh tools/make_pictures.sh [FOLDER]     FOLDER: the output of `hsi demo`; made anew when it is not given
set -eu
cd "$(dirname "$0")/.."

folder=${1:-}
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    .venv/bin/hsi demo --output "$folder"
fi
mkdir -p docs/pictures
cp "$folder/map.png" docs/pictures/indian_pines_map.png

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
    echo "make_pictures: the picture of the report needs chromium (Debian: apt-get install chromium)" >&2
    exit 1
fi
"$browser" --headless --no-sandbox --hide-scrollbars --force-device-scale-factor=1.25 --window-size=1000,1330 \
    --screenshot="$PWD/docs/pictures/report.png" "$folder/report.html" >/dev/null 2>&1
ls -l docs/pictures
