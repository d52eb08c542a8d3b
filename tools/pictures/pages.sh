#!/bin/sh
# Pictures of the pages on labels, bands and models: pages.sh DEMO_FOLDER PICTURES
set -eu
here=$(cd "$(dirname "$0")" && pwd)
hsi=$(cd "$here/../.." && pwd)/.venv/bin/hsi
pictures=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$1"

given() {
    command=$1
    shift
    "$hsi" "$command" --scene indian_pines.tif --labels indian_pines_labels.gpkg --class-field class_name --quiet "$@" >/dev/null
}

given check-labels --report "$work/labels.html"
given train --model lda --output "$work/lda.hsimodel"
given importance --model "$work/lda.hsimodel" --report "$work/importance.html"
given compare --models 'lda, logistic_regression, random_forest' --seeds 2 \
    --results "$work/comparison.json" --report "$work/comparison.html"
for page in labels importance comparison; do
    sh "$here/report.sh" "$work/$page.html" "$pictures/${page}_page.png"
done
