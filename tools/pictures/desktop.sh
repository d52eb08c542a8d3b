#!/bin/sh
# Pictures of a live QGIS desktop with the staged plugin: desktop.sh DEMO_FOLDER PICTURES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

"$root/tools/ensure_qgis.sh"
export HSI_SCENES="$(realpath "$1")" HSI_PICTURES="$(realpath "$2")"
export HSI_ENGINE_PYTHON="$root/.venv/bin/python" QGIS_PLUGINPATH="$root/build"

# A home of its own: no setting of whoever runs this shows in the pictures. QGIS marks layers in the folder for
# temporary files, which this one therefore is not.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/run" TMPDIR="$scratch/temporary"
profile=$scratch/profiles/profiles/default/QGIS
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR" "$profile"
chmod 700 "$XDG_RUNTIME_DIR"
cp "$here/QGIS3.ini" "$profile/QGIS3.ini"

# -a picks a free display number.
timeout 900 xvfb-run -a -s "-screen 0 1400x860x24" sh -c '
    openbox >/dev/null 2>&1 &
    exec /usr/bin/qgis.bin --noversioncheck --nologo --profiles-path "$1" --code "$2"
' sh "$scratch/profiles" "$here/desktop.py"
