"""What flake8-qgis does not find of the changes from Qt5 to Qt6.

PyQt6 knows a value of an enumeration by its full name only: ``Qt.ItemDataRole.UserRole``, not ``Qt.UserRole``. The full
name works in every QGIS from 3.22 on. Which attribute of a class is such a value is known by its name, as in the
interfaces of Qt and QGIS methods begin with a small letter, enumerations and their values with a capital one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# Constants of a class such as QgsProcessing.TEMPORARY_OUTPUT.
_CONSTANT = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+")
_COMPILED_RESOURCES = re.compile(r"(resources_rc|.*_rc|ui_.*)\.py|.*\.qrc")


def qt6_findings(package: Path) -> Iterator[str]:
    """What in a folder of Python files does not work with Qt6, a sentence each."""
    for path in sorted(package.rglob("*")):
        place = path.relative_to(package).as_posix()
        if _COMPILED_RESOURCES.fullmatch(path.name):
            yield f"{place}: PyQt6 has no compiler of resources; name the files themselves"
        elif path.suffix == ".py":
            for line, text in sorted(_unscoped(ast.parse(path.read_text(encoding="utf-8"), place))):
                yield f"{place}:{line}: {text} is a value without its enumeration, as in Qt.ItemDataRole.UserRole"


def _unscoped(tree: ast.Module) -> Iterator[tuple[int, str]]:
    classes = set(_classes_of_qgis(tree))
    # Parts of a longer name, and classes inside of classes that are called or inherited, are no values.
    part = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    part |= {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    part |= {id(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases}
    part |= {id(inner) for annotation in _annotations(tree) for inner in ast.walk(annotation)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in classes
            and node.attr[0].isupper()
            and not _CONSTANT.fullmatch(node.attr)
            and id(node) not in part
        ):
            yield node.lineno, f"{node.value.id}.{node.attr}"


def _classes_of_qgis(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "qgis":
            yield from (alias.asname or alias.name for alias in node.names)


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        annotations = (getattr(node, "annotation", None), getattr(node, "returns", None))
        yield from (annotation for annotation in annotations if annotation is not None)
