#!/bin/sh
# What the tests in real QGIS need from the system: QGIS with its Python bindings, /usr/bin/python3 with venv.
# Installs what is missing where it can; elsewhere says what is missing and fails.
set -eu

missing=""
/usr/bin/python3 -c 'import qgis.core' >/dev/null 2>&1 || missing="qgis python3-qgis"
/usr/bin/python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"

if [ -n "$missing" ]; then
    # The packages are words of their own.
    # shellcheck disable=SC2086
    "$(dirname "$0")/apt_install.sh" "The tests of the plugin run in real QGIS. Missing on this system: $missing." $missing
fi
# Not only that the packages are there: the interpreter that the tests use has to load them.
/usr/bin/python3 -c '
from qgis.core import Qgis

if Qgis.QGIS_VERSION_INT < 32200:
    raise SystemExit(f"The plugin needs QGIS 3.22 or newer; this system has {Qgis.QGIS_VERSION}.")
'
