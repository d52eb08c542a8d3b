#!/bin/sh
# Pictures of a live QGIS desktop with the staged plugin: desktop.sh DEMO_FOLDER PICTURES [first_map|colours|models|labelling|explaining]
# "models" shows the list of the models in the folder HSI_MODELS, or in that of the demo.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
pictures=$(realpath "$2")

"$root/tools/ensure_qgis.sh"
for program in xvfb-run openbox import; do
    if ! command -v "$program" >/dev/null 2>&1; then
        "$root/tools/apt_install.sh" "Pictures of a desktop need the program $program." xvfb xauth openbox imagemagick
    fi
done

# Its name is to be read in the pictures. A home of its own: no setting of whoever runs this shows in them.
scratch=${TMPDIR:-/tmp}/indian_pines
rm -rf "$scratch"
trap 'rm -rf "$scratch"' EXIT
profile=$scratch/profiles/profiles/default/QGIS
mkdir -p "$scratch/home" "$scratch/run" "$scratch/temporary" "$profile"
chmod 700 "$scratch/run"
cp "$here/QGIS3.ini" "$profile/QGIS3.ini"
cp "$1"/indian_pines.tif "$1"/indian_pines_labels.gpkg "$scratch/"
[ "${3:-}" != explaining ] || cp "$1"/indian_pines_map.* "$1"/indian_pines.hsimodel "$scratch/"

export PYTHONPATH="$here" HSI_SCENES="$scratch" HSI_PICTURES="$pictures" HSI_ENGINE_HOME="$scratch/engine" QGIS_PLUGINPATH="$root/build"
export HSI_STORY="${3:-first_map}"
# The first map begins with setting up the engine; other stories use the one that is there.
unset HSI_ENGINE_PYTHON
[ "$HSI_STORY" = first_map ] || export HSI_ENGINE_PYTHON="$root/.venv/bin/python"
if [ "$HSI_STORY" = models ]; then
    mkdir "$scratch/models"
    cp "${HSI_MODELS:-$1}"/*.hsimodel "$scratch/models/"
fi
# QGIS marks layers in the folder for temporary files, which this one therefore is not.
export HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/run" TMPDIR="$scratch/temporary"

# -a picks a free display number.
timeout 1800 xvfb-run -a -s "-screen 0 1400x860x24" sh -c '
    openbox >/dev/null 2>&1 &
    exec /usr/bin/qgis.bin --noversioncheck --nologo --profiles-path "$1" --code "$2"
' sh "$scratch/profiles" "$here/desktop.py"
