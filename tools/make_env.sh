#!/bin/sh
# Makes .venv with the project (editable), the demo's data and the development tools.
#
#   PYTHON=python3.12 tools/make_env.sh     uses that interpreter; else the first of python3, python3.13 … 3.10
#
# Does nothing when .venv is already what pyproject.toml and constraints.txt ask for, in the engine's current version.
# An environment that was cut off while it was made, belongs to another Python or was moved is made again from nothing.
set -eu

cd "$(dirname "$0")/.."
venv=.venv
stamp=$venv/.stamp

fits() {
    # Run it: a name on PATH may be a launcher without an interpreter behind it.
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

if [ -n "${PYTHON:-}" ]; then
    if ! fits "$PYTHON"; then
        echo "PYTHON=$PYTHON cannot be run or is older than Python 3.10." >&2
        exit 1
    fi
    python=$PYTHON
elif ! python=$(find_python); then
    tools/apt_install.sh "Python 3.10 or newer was not found." python3 python3-venv
    if ! python=$(find_python); then
        echo "This system's own Python is older than 3.10. Install a newer one and name it:" >&2
        echo "make env PYTHON=/path/to/python" >&2
        exit 1
    fi
fi

# Two lines. Scripts of an environment hold its path, so the folder is part of what it was made for.
wanted=$("$python" - <<'END'
import hashlib, pathlib, sys

made_for = f"{sys.version}\n{pathlib.Path.cwd()}".encode()
named = ("pyproject.toml", "constraints.txt", "hsi_engine/version.py")
requirements = b"".join(pathlib.Path(name).read_bytes() for name in named)
print("made-for", hashlib.sha256(made_for).hexdigest())
print("requirements", hashlib.sha256(requirements).hexdigest())
END
)
found=$(cat "$stamp" 2>/dev/null || true)

if [ "$found" = "$wanted" ] && "$venv/bin/python" -c '' 2>/dev/null && [ -x "$venv/bin/hsi" ]; then
    exit 0
fi

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    tools/apt_install.sh "Python $version cannot make virtual environments: its module venv or ensurepip is missing." \
        "python$version-venv"
fi

if [ -e "$venv" ] && { [ "${found%%requirements*}" != "${wanted%%requirements*}" ] ||
    ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    echo "Removing $venv: it is incomplete, was moved or belongs to another Python."
    rm -rf "$venv"
fi

# No stamp stands while packages are being installed: a run that is cut off leaves an environment without one.
rm -f "$stamp"
if [ ! -e "$venv" ]; then
    echo "Making $venv with Python $version; this downloads several hundred megabytes the first time."
    "$python" -m venv "$venv"
else
    echo "Bringing $venv up to date."
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable '.[cluster,demo,dev,onnx]'

load_all='import geopandas, hsi_engine, rasterio, torch'
if ! problem=$("$venv/bin/python" -c "$load_all" 2>&1); then
    case $problem in
    *libexpat*)
        tools/apt_install.sh "GDAL needs the system library libexpat." libexpat1
        "$venv/bin/python" -c "$load_all"
        ;;
    *)
        echo "$problem" >&2
        echo "The packages were installed, but cannot be loaded." >&2
        exit 1
        ;;
    esac
fi

echo "$wanted" >"$stamp"
echo "Ready: $venv/bin/hsi"
