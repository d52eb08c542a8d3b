"""Finds phrases that a person should not read, by the list in ``words.txt``: in forms, messages, help, reports, docs and code.

It reads the strings in the code that hold more than one word, docstrings and comments, the report's
templates without their markup, and the prose of the pages in ``READ`` without its code. Names of parameters and code in
docstrings are passed over. What is right all the same gets a remark in its line: ``# words: ok`` or ``<!-- words: ok -->``.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORDS = Path(__file__).with_name("words.txt")
READ = (
    "hsi_engine",
    "qgis_plugin",
    "benchmarks",
    "tools",
    "docs",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "metadata.txt",
)

_REMARK = re.compile(r"(#|<!--) words: ok\b")
_CODE = re.compile(r"^ *(```|~~~).*?^ *\1[^\n]*$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", re.DOTALL | re.MULTILINE)
_LINK_TARGET = re.compile(r"(?<=\])\([^)\s]*\)")
_DOCSTRING_CODE = re.compile(r"(?<!`)(`+)(?!`)[^`]+\1(?!`)")
# The names before the colon, in a list of parameters or errors.
_NAMES = re.compile(r"^ *\*{0,2}\w+(, \*{0,2}\w+)* :(?= |$)", re.MULTILINE)
_TEMPLATE_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<style.*?</style>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One line of the list.

    pattern : what not to write.
    instead : what to write.
    why : the reason, for the one who is stopped by it.
    """

    pattern: re.Pattern[str]
    instead: str
    why: str


def read_rules(path: Path = WORDS) -> list[Rule]:
    """The rules of a list.

    Raises
    ------
    ValueError : a line does not have the three parts, or its pattern is not a regular expression.
    """
    rules = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" => ")]
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"{path.name}:{number}: expected 'pattern => say instead => why'; found {line!r}")
        try:
            pattern = re.compile(parts[0].replace(" ", r"\s+"), re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"{path.name}:{number}: {parts[0]!r} is not a regular expression: {error}") from error
        rules.append(Rule(pattern=pattern, instead=parts[1], why=parts[2]))
    return rules


def findings(paths: Iterable[Path], rules: list[Rule], root: Path) -> Iterator[str]:
    """What is to be corrected, a line each: place, phrase, what to say instead and why."""
    for path in files(paths):
        source = path.read_text(encoding="utf-8")
        texts = _texts_of_code(source, path) if path.suffix == ".py" else [(1, _prose(source, path.suffix))]
        for first_line, text in texts:
            for rule in rules:
                for found in rule.pattern.finditer(text):
                    line = first_line + text.count("\n", 0, found.start())
                    if path.suffix == ".py":
                        line = _line_of(source, first_line, found.group())
                    phrase = " ".join(found.group().split())
                    yield f"{path.relative_to(root)}:{line}: “{phrase}”: say “{rule.instead}” ({rule.why})"


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files of these paths that hold something a person reads."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in {".py", ".j2", ".md"})
        else:
            yield path


def _texts_of_code(source: str, path: Path) -> Iterator[tuple[int, str]]:
    """First line and text of each string of more than one word, each docstring, and each block of comments."""
    tree = ast.parse(source, str(path))
    lines = source.splitlines()
    for node, text in (*_docstrings(tree), *_literals(tree)):
        own = lines[node.lineno - 1 : node.end_lineno]
        if " " in text.strip() and not any(_REMARK.search(line) for line in own):
            yield node.lineno, text
    yield from _comments(source)


def _docstrings(tree: ast.AST) -> Iterator[tuple[ast.Constant, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value, _NAMES.sub("…", _DOCSTRING_CODE.sub("…", node.value.value))


def _literals(tree: ast.AST) -> Iterator[tuple[ast.Constant | ast.JoinedStr, str]]:
    """All strings but docstrings; a value put into an f-string reads as …"""
    passed_over = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in passed_over:
            continue
        if isinstance(node, ast.JoinedStr):
            # Its constant parts are read as one text; strings inside of its expressions are read separately.
            passed_over |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
            passed_over |= {id(part.format_spec) for part in node.values if isinstance(part, ast.FormattedValue)}
            yield node, "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """First line and text of each block of comments; those in following lines belong together."""
    first, block = 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or _REMARK.search(token.string):
            continue
        if token.start[0] != first + len(block):
            yield first, "\n".join(block)
            first, block = token.start[0], []
        block.append(_DOCSTRING_CODE.sub("…", token.string.lstrip("# ")))
    yield first, "\n".join(block)


def _prose(source: str, suffix: str) -> str:
    """The source with all that is not read blanked, line for line."""
    source = "".join("\n" if _REMARK.search(line) else line for line in source.splitlines(keepends=True))
    patterns = {".md": (_CODE, _LINK_TARGET), ".j2": (_TEMPLATE_CODE,)}.get(suffix, ())
    for pattern in patterns:
        source = pattern.sub(lambda found: "…" + "\n" * found.group().count("\n"), source)
    return source


def _line_of(source: str, first_line: int, phrase: str) -> int:
    """The line from ``first_line`` on in which a phrase begins; the first one if it is broken between two."""
    for number, line in enumerate(source.splitlines()[first_line - 1 :], first_line):
        if phrase in line:
            return number
    return first_line


def main(arguments: list[str]) -> int:
    """Check the named files and folders, or all that people read; 1 if there is something to correct."""
    paths = [Path(argument).resolve() for argument in arguments] or [ROOT / name for name in READ]
    found = list(findings(paths, read_rules(), ROOT))
    print(*found, sep="\n")
    print(f"Phrases to correct: {len(found)}; the list is tools/{WORDS.name}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
