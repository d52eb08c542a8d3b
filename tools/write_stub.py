"""Write what editors and type checkers cannot see in the code: the lazy package, and classes made from map products.

python tools/write_stub.py [FOLDER]
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hsi_engine
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.classify_scene.outputs import MapOutputs, MapRasters
from hsi_engine.operations.classify_scene.products import PRODUCTS
from hsi_engine.operations.definition.base import Operation
from hsi_engine.operations.definition.parameter_spec import ParameterSpec, parameter_specs

PACKAGE = Path(hsi_engine.__file__).parent
HEAD = """# Written by `make stub` from the parameters of the operations; do not edit.

import os
from typing import Literal

"""
OUTPUTS_HEAD = """# Written by `make stub` from the map products; do not edit.

from pathlib import Path

from ..definition.base import OperationParams, OperationResult

"""
TYPES = {"path": "_Path", "integer": "int", "number": "float", "boolean": "bool", "string": "str"}


def stub() -> str:
    """The text of the stub, in the style of the project."""
    functions = [CATALOGUE[name] for name in hsi_engine._OPERATIONS]
    text = HEAD + "\n".join(_imports(functions)) + "\n\n_Path = str | os.PathLike[str]\n\n__version__: str\n\n"
    return text + "\n".join(_function(operation) for operation in functions)


def outputs_stub() -> str:
    """The text of the stub of the classes that name the rasters of a map."""
    required = {product.parameter: product.required for product in PRODUCTS}
    text = OUTPUTS_HEAD
    for made in (MapOutputs, MapRasters):
        text += f'class {made.__name__}({made.__base__.__name__}):\n    """{made.__doc__}"""\n\n'
        for name in made.model_fields:
            text += f"    {name}: {'Path' if required[name] else 'Path | None = None'}\n"
    return text


def _imports(functions: list[Operation[Any, Any]]) -> Iterator[str]:
    # "X as X" makes a name public in a stub; the reporter and the results are named by signatures only.
    for name, module in hsi_engine._ATTRIBUTES.items():
        yield f"from .{module} import {name} as {name}"
    for operation in functions:
        yield f"from .{operation.result.__module__.removeprefix('hsi_engine.')} import {operation.result.__name__}"


def _function(operation: Operation[Any, Any]) -> str:
    parameters = [_parameter(spec) for spec in parameter_specs(operation.params).values()]
    documentation = inspect.getdoc(getattr(hsi_engine, operation.name))
    head = f"def {operation.name}(*, {', '.join([*parameters, 'reporter: Reporter | None = None'])},)"
    body = textwrap.indent(f'"""{documentation}\n"""\n', "    ", lambda line: bool(line.strip()))
    return f"{head} -> {operation.result.__name__}:\n{body}"


def _parameter(spec: ParameterSpec) -> str:
    annotation = f"Literal[{', '.join(map(json.dumps, spec.choices))}]" if spec.choices else TYPES[spec.type]
    annotation += " | None" if spec.nullable else ""
    return f"{spec.name}: {annotation}" + ("" if spec.required else f" = {_default(spec.default)}")


def _default(value: Any) -> str:
    return json.dumps(str(value)) if isinstance(value, str | Path) else repr(value)


def _in_style(text: str, file: Path) -> str:
    for words in (["check", "--quiet", "--select", "I", "--fix"], ["format"]):
        command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", str(file), "-"]
        text = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=True).stdout
    return text


STUBS: dict[str, Callable[[], str]] = {
    "__init__.pyi": stub,
    "operations/classify_scene/outputs.pyi": outputs_stub,
}

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE
    for place, text_of in STUBS.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_in_style(text_of(), PACKAGE / place), encoding="utf-8")
