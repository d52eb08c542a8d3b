"""The user guide as HTML pages that travel with the plugin: the button "Help" of a dialog opens them without internet."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – HSI Classifier</title>
<style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.55 system-ui, sans-serif; color: #222; }}
img {{ max-width: 100%; border: 1px solid #ccc; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; vertical-align: top; padding: 0.35rem 0.8rem 0.35rem 0; border-bottom: 1px solid #ddd; }}
thead:not(:has(th:not(:empty))) {{ display: none; }}
pre {{ background: #f4f4f4; padding: 0.8rem; overflow-x: auto; }}
code {{ background: #f4f4f4; }}
</style>
</head>
<body>
<p><a href="README.html">User guide</a></p>
{body}</body>
</html>
"""


def render_guide(guide: Path, target: Path) -> None:
    """Write every page of ``guide`` (``*.md``) to ``target`` as HTML, with the pages and pictures they link to.

    Raises
    ------
    ValueError : a page links to something that would not travel with it, or that is not there.
    """
    target.mkdir(parents=True, exist_ok=True)
    waiting, done = sorted(guide.glob("*.md")), set()
    while waiting:
        page = waiting.pop()
        if page.name in done:
            continue
        done.add(page.name)
        waiting += _render(page, guide.parent, target)


def _render(page: Path, docs: Path, target: Path) -> list[Path]:
    """Write one page; returns the pages that it links to."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(page.read_text(encoding="utf-8"))
    linked = []
    for token in _all(tokens):
        if token.type == "image":
            picture = _existing(page, docs, str(token.attrs["src"]))
            (target / "pictures").mkdir(exist_ok=True)
            shutil.copyfile(picture, target / "pictures" / picture.name)
            token.attrs["src"] = f"pictures/{picture.name}"
        elif token.type == "link_open" and "://" not in str(token.attrs["href"]):
            path, hash_sign, section = str(token.attrs["href"]).partition("#")
            if path:
                linked.append(_existing(page, docs, path))
                path = f"{Path(path).stem}.html"
            token.attrs["href"] = f"{path}{hash_sign}{section}"
    title = next(tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open")
    body = markdown.renderer.render(tokens, markdown.options, {})
    html = _PAGE.format(title=re.sub(r"[`*]", "", title), body=body)
    (target / f"{page.stem}.html").write_text(html, encoding="utf-8", newline="\n")
    return linked


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _existing(page: Path, docs: Path, link: str) -> Path:
    path = (page.parent / link).resolve()
    if not path.is_file() or docs.resolve() not in path.parents:
        raise ValueError(
            f"{page}: the link to {link} leads to no file in {docs}, so it would lead nowhere in the plugin"
        )
    return path
