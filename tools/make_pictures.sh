#!/bin/sh
# Makes the pictures of README and docs: docs/pictures/*.png, from a run of the demo and from a live QGIS desktop.
#
#   sh tools/make_pictures.sh [FOLDER]     FOLDER: the output of `hsi demo`; made anew when it is not given
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
folder=${1:-}
if [ -z "$folder" ]; then
    folder=$scratch/demo
    .venv/bin/hsi demo --output "$folder"
fi
mkdir -p docs/pictures
cp "$folder/map.png" docs/pictures/indian_pines_map.png
.venv/bin/python tools/pictures/training.py docs/pictures/training.json docs/pictures/training.png

sh tools/pictures/scene.sh "$folder" docs/pictures
sh tools/pictures/report.sh "$folder/report.html" docs/pictures/report.png
.venv/bin/hsi info "$folder/indian_pines.hsimodel" --scene "$folder/indian_pines.tif" --report "$scratch/model.html" --quiet
sh tools/pictures/report.sh "$scratch/model.html" docs/pictures/model_report.png
sh tools/pictures/pages.sh "$folder" docs/pictures
sh tools/pictures/desktop.sh "$folder" docs/pictures colours
sh tools/pictures/desktop.sh "$folder" docs/pictures labelling
sh tools/pictures/desktop.sh "$folder" docs/pictures explaining
sh tools/pictures/desktop.sh "$folder" docs/pictures
mkdir "$scratch/models"
cp "$folder/indian_pines.hsimodel" "$scratch/models/"
.venv/bin/hsi train --scene "$folder/indian_pines.tif" --labels "$folder/indian_pines_labels.gpkg" --class-field class_name \
    --model lda --output "$scratch/models/indian_pines_lda.hsimodel" --quiet
HSI_MODELS="$scratch/models" sh tools/pictures/desktop.sh "$folder" docs/pictures models
ls -l docs/pictures
