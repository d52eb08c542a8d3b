#!/bin/sh
# Makes .venv-qgis: the system's Python, which sees QGIS, with pytest and pytest-qgis.
#
#   tools/make_qgis_env.sh [FOLDER]     FOLDER: another place for it
#
# Does nothing when the environment is already what this script and tests/qgis/requirements.txt ask for. Neither the engine
# nor one of its packages is ever installed here: in QGIS they would meet a numpy that is not theirs.
set -eu

cd "$(dirname "$0")/.."
venv=${1:-.venv-qgis}
stamp=$venv/.stamp

wanted=$(/usr/bin/python3 - "$venv" <<'PYTHON'
import hashlib, pathlib, sys

made_for = f"{sys.version}\n{pathlib.Path(sys.argv[1]).absolute()}".encode()
print(hashlib.sha256(made_for + pathlib.Path("tests/qgis/requirements.txt").read_bytes()).hexdigest())
PYTHON
)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && "$venv/bin/python" -c 'import pytest_qgis' 2>/dev/null; then
    exit 0
fi

# No stamp stands while packages are being installed: a run that is cut off leaves an environment without one.
rm -rf "$venv"
echo "Making $venv for the tests in QGIS."
/usr/bin/python3 -m venv --system-site-packages "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement tests/qgis/requirements.txt
echo "$wanted" >"$stamp"
