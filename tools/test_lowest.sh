#!/bin/sh
# Runs tests of the engine with the lowest versions that pyproject.toml allows, in build/lowest.
#
#   tools/test_lowest.sh [PYTEST_ARGS…]     make the environment if need be, and run
#   tools/test_lowest.sh --make             make the environment only
#   tools/test_lowest.sh --why-not          print why that cannot be done here; silent where it can
#
#   LOWEST_PYTHON=python3.10   interpreter; else .venv's or python3.11 or python3.10, whichever is 3.10 or 3.11
#   LOWEST_TORCH=2.2.0         version of torch; else the one that constraints.txt pins
set -eu

cd "$(dirname "$0")/.."
venv=build/lowest
stamp=$venv/.stamp

# Releases of the time of the bounds have wheels for these.
fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 10), (3, 11)))' >/dev/null 2>&1
}

python=
for candidate in "${LOWEST_PYTHON:-}" "$(.venv/bin/python -c 'import sys; print(sys._base_executable)')" python3.11 python3.10; do
    if [ -n "$candidate" ] && fits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ "${1:-}" = --why-not ]; then
    [ -n "$python" ] || echo "the lowest versions need Python 3.10 or 3.11, for which they have wheels; LOWEST_PYTHON names one"
    exit 0
fi
if [ -z "$python" ]; then
    echo "There is no Python 3.10 or 3.11 here, for which the lowest versions have wheels. LOWEST_PYTHON names one." >&2
    exit 1
fi

wanted=$(.venv/bin/python tools/lowest_versions.py ${LOWEST_TORCH:+--torch "$LOWEST_TORCH"})
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    echo "Making $venv with the lowest versions:"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    echo "$wanted" >build/lowest.txt
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
        --requirement build/lowest.txt
    echo "$wanted" >"$stamp"
fi
[ "${1:-}" != --make ] || exit 0
"$venv/bin/python" -V
echo "$wanted" | paste -s -d ' '
echo "torch is as above, not at the bound of pyproject.toml ($(grep -o 'torch>=[0-9.]*' pyproject.toml | tail -n 1))."

# What stands on libraries: readers and writers, preprocessing, files of models, training, accuracy, the command line, and the operations from
# end to end through Python and the command; of training, all but several processes, which stand on torch alone. What old releases warn of is theirs. The test that is left out compares with what scikit-learn computes since 1.7.
# The page on a training and damaged products take long, and ask of libraries what the tests beside them ask; so do more than
# six cases of one test.
folders="bundle cli evaluation io label_check preprocess report runtime training"
# The folders are words of their own.
# shellcheck disable=SC2086
PYTHONPATH=$PWD exec "$venv/bin/python" -m pytest -o filterwarnings=default -p no:cacheprovider \
    $(printf 'tests/engine/%s ' $folders) tests/engine/*.py tests/contract/test_three_entry_points.py \
    tests/contract/test_golden_tensors.py tests/contract/test_imports.py --cases 6 \
    --ignore tests/engine/training/distributed \
    --ignore tests/engine/report/test_training_page.py \
    --ignore tests/engine/io/scenes/formats/products/test_mutations.py \
    -k "not (test_three_entry_points and (request_file or worker))" \
    --deselect tests/engine/evaluation/test_calibration.py::test_equals_scipy_and_scikit_learn "$@"
