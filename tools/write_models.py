"""Write docs/models.md: every method that can be trained, with its size, its cost and its publication.

python tools/write_models.py           writes the page
python tools/write_models.py --check   fails if the page is not what this would write
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hsi_engine.inference.macs import count_macs  # noqa: E402 - it is found only now
from hsi_engine.models import registry  # noqa: E402
from hsi_engine.models.architectures.architecture import Architecture  # noqa: E402

PAGE = ROOT / "docs" / "models.md"
_BANDS, _CLASSES, _TILE = 200, 16, (256, 256)

_HEAD = """# Methods

Every method that `hsi train --model NAME` and *Train classifier* offer. `hsi models NAME` shows the options of one. This page is
written by `python tools/write_models.py`.

Sizes and costs are for a scene of {bands} bands, {classes} classes, and the view of the scene that the method has by default:
its reduction of the spectrum and its patch. *Weights* are the numbers that training finds. A *MAC* is one
multiply–accumulate operation; costs are in thousands of them per mapped pixel, for one patch alone, and *densely*, as maps are made:
neighbouring patches share what they have in common. Networks that need their whole window from some layer on, such as those with
attention, share only the layers before it.

Accuracies of the networks stand in [results-models.md](results-models.md), those of the automatic choice and what it compares in
[results.md](results.md); which method suits a scene is for the folds to say: [choosing a method](guide/choosing-a-method.md).

| `--model` | method | sees | weights | MACs, patch | MACs, dense | own options |
| --- | --- | --- | ---: | ---: | ---: | --- |
"""

_TAIL = """
## Left out

- **State-space networks** (Gu and Dao 2023, Mamba, and its descendants for hyperspectral images). Their speed comes from a kernel for
  one maker's graphics cards; in plain torch they are loops along the spectrum, one step after another. Their published accuracies are
  of random pixels; none on separate places was found. For attention there are SSFTT, SpectralFormer and `hybridsn_attention`.
- **Pretrained foundation models** (SpectralEarth, HyperSIGMA, DOFA and others). Large weights, each with terms and
  bands of one sensor, and results that differ widely from one region to another. A model of the same sensor can be
  continued with `--init-from`.
- **Classifications of a whole scene in one graph or window**, with the test pixels inside. Their accuracy is of that scene only, and they
  cannot map another one.
"""


def page() -> str:
    """The page as text."""
    known = registry.architectures().values()
    rows = [_row(architecture) for architecture in known]
    sources = [f"- **{architecture.title}**: {architecture.reference}" for architecture in known]
    head = _HEAD.format(bands=_BANDS, classes=_CLASSES)
    return head + "\n".join(rows) + "\n\n## Publications\n\n" + "\n".join(sources) + "\n" + _TAIL


def _row(architecture: Architecture) -> str:
    options = ", ".join(f"`{name}`" for name in architecture.options.model_fields) or "none"
    sees, weights, patch, dense = "single spectra", "", "", ""
    if architecture.fit is None:
        suggested = architecture.suggested
        channels, edge = suggested.get("components", _BANDS), suggested["patch_size"]
        network = registry.build(architecture.name, {}, channels, edge, _CLASSES).eval()
        cost = count_macs(network, channels, _TILE)
        what = f"{channels} components" if "components" in suggested else "all bands"
        sees = f"{edge}×{edge} px, {what}"
        weights = f"{architecture.parameters:,}"
        patch = f"{cost.patchwise / 1000:,.0f}"
        dense = f"{cost.dense / 1000:,.0f}" if architecture.dense else "patch by patch"
    return f"| `{architecture.name}` | {architecture.title} | {sees} | {weights} | {patch} | {dense} | {options} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    text = page()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit("docs/models.md is out of date: run python tools/write_models.py")


if __name__ == "__main__":
    main()
