"""Train the two models that come with the project, and write them to hsi_engine/demo/models.

python tools/make_models.py [--enmap FOLDER] [--only NAME]

Each is one spectral-first network: small, quick, and a network from which a training can start. The card inside says on what
data it was trained, under which terms these may be used, and what the model cannot do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import hsi_engine  # noqa: E402 - it is found only now
from hsi_engine.bundle.model_file import read_bundle, write_bundle  # noqa: E402
from hsi_engine.demo.indian_pines import write_indian_pines  # noqa: E402
from hsi_engine.selection import trust  # noqa: E402

FOLDER = ROOT / "hsi_engine" / "demo" / "models"
_MOST_BYTES = 1_000_000
# That has room for so many training pixels, by which a map says where it may be trusted, and as many scores for prediction sets.
_KEPT_PIXELS = 600

_OF_PINES, _OF_POTSDAM = "indian_pines_crops", "enmap_potsdam_land_cover"
INDIAN_PINES = {
    "title": "Crops of Indian Pines",
    "data": (
        "AVIRIS scene of 12 June 1992, Indiana, USA, corrected cube of 200 bands: M. F. Baumgardner, L. L. Biehl, "
        "D. A. Landgrebe (2015), 220 Band AVIRIS Hyperspectral Image Data Set, doi:10.4231/R7RX991C."
    ),
    "terms": "CC BY 3.0: name the authors of the data.",
    "limits": (
        "One scene, one day, raw AVIRIS values: to try the tools with the demo scene. Not a model of crops elsewhere."
    ),
}
ENMAP = {
    "title": "Land cover around Potsdam",
    "data": (
        "EnMAP L2A reflectance, Potsdam, 24 July 2022 (EnMAP data © DLR 2022), tiles and labels as published with the tests "
        "of EnMAP-Box; land cover from an aerial image, GeoBasis-DE/LGB."
    ),
    "terms": "Labels: dl-de/by-2-0. EnMAP data © DLR 2022. Name both.",
    "limits": (
        "Small tiles of one scene in summer; pixels of 30 m mix the classes. To try the tools, and to start a training on EnMAP "
        "scenes from. Check a map of another place against its own ground truth."
    ),
}


def make(name: str, about: dict[str, str], scene: Path, labels: Path, class_field: str) -> None:
    """Train one model and write it with what there is to say about it."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / f"{name}.hsimodel"
        hsi_engine.train_classifier(
            scene=scene, labels=labels, output=output, class_field=class_field, model="spectral_cnn", device="cpu"
        )
        bundle = read_bundle(output)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.hsimodel"
    # The folders of the machine that trained it are left out.
    settings = bundle.training["settings"]
    settings |= {given: Path(settings[given]).name for given in ("scene", "labels") if settings.get(given)}
    write_bundle(replace(bundle, training={**bundle.training, "settings": settings, "about": about}), path)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size / 1024:.0f} KiB")
    if size > _MOST_BYTES:
        raise SystemExit(f"{path.name} is larger than {_MOST_BYTES:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--enmap", type=Path, default=ROOT.parent / "shared" / "data" / "enmap_potsdam")
    parser.add_argument("--only", choices=(_OF_PINES, _OF_POTSDAM))
    given = parser.parse_args()
    trust.MOST_POINTS = trust.MOST_SCORES = _KEPT_PIXELS
    if given.only != _OF_POTSDAM:
        with tempfile.TemporaryDirectory() as folder:
            files = write_indian_pines(Path(folder))
            make(_OF_PINES, INDIAN_PINES, files.scene, files.labels, "class_id")
    if given.only != _OF_PINES:
        make(_OF_POTSDAM, ENMAP, given.enmap / "scene.tif", given.enmap / "polygons.gpkg", "class_name")


if __name__ == "__main__":
    main()
