"""The guide that travels with the plugin: complete, and without a link that leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import render_guide
from stage_plugin import ROOT


def _links(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="([^"#]+)', html))


def test_every_page_is_there_and_every_link_leads_somewhere(staged: Path) -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in (staged / "guide").glob("*.html")}

    assert {f"{page.stem}.html" for page in (ROOT / "docs" / "guide").glob("*.md")} <= pages.keys()
    for name, html in pages.items():
        for link in _links(html):
            assert "://" in link or (staged / "guide" / link).is_file(), f"{name} links to {link}"


def test_every_algorithm_has_its_page_and_its_help_needs_no_internet(staged: Path) -> None:
    named = {
        match
        for source in (ROOT / "qgis_plugin" / "algorithms").glob("*.py")
        for match in re.findall(r'HELP_PAGE = "([^"]+)"', source.read_text(encoding="utf-8"))
    }
    assert len(named) >= 4
    assert {f"{page}.html" for page in named} <= {path.name for path in (staged / "guide").iterdir()}


def test_tables_and_titles_become_html(staged: Path) -> None:
    html = (staged / "guide" / "first-map.html").read_text(encoding="utf-8")
    assert "<title>A first map – HSI Classifier</title>" in html
    assert "<table>" in html
    assert '<img src="pictures/qgis_map.png" alt="QGIS with the class map' in html


@pytest.mark.parametrize("link", ["../missing.md", "../../README.md", "pictures/none.png"])
def test_a_link_out_of_the_guide_is_refused(tmp_path: Path, link: str) -> None:
    guide = tmp_path / "docs" / "guide"
    guide.mkdir(parents=True)
    (tmp_path / "README.md").touch()
    (guide / "page.md").write_text(f"# Page\n\n[more]({link})\n", encoding="utf-8")

    with pytest.raises(ValueError, match=rf"page\.md: the link to {re.escape(link)} leads to no file in"):
        render_guide.render_guide(guide, tmp_path / "out")
