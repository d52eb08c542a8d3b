#!/bin/sh
# Pictures of a scene in colour and of the page on it: scene.sh DEMO_FOLDER PICTURES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
scene=$1/indian_pines.tif

"$root/tools/ensure_qgis.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for composite in true_colour near_infrared short_wave_infrared; do
    "$root/.venv/bin/hsi" colour --scene "$scene" --composite "$composite" --style "$work/$composite.qml" >/dev/null
done
mkdir -m 700 "$work/run"
HOME=$work XDG_RUNTIME_DIR=$work/run QT_QPA_PLATFORM=offscreen \
    "$root/.venv-qgis/bin/python" "$here/composites.py" "$scene" "$work" "$2/composites.png"

"$root/.venv/bin/hsi" info --scene "$scene" --report "$work/scene.html" >/dev/null
sh "$here/report.sh" "$work/scene.html" "$2/scene_page.png"
