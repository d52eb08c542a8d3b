"""Which operations there are, and in which module each is found.

Modules are imported when they are asked for; none of them loads torch or rasterio.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import ParameterError
from . import COMMANDS
from .definition.base import Operation
from .definition.validation import suggest

AnyOperation = Operation[Any, Any]


class Catalogue(Mapping[str, AnyOperation]):
    """Operations by name, loaded on first use.

    Parameters
    ----------
    modules : dotted module by name of operation; the module holds it as ``OPERATION``.
    commands : the command of each operation, by name, so that one is found without loading the others.
    """

    def __init__(self, modules: Mapping[str, str], commands: Mapping[str, str]) -> None:
        self._modules = dict(modules)
        self._by_command = {command: name for name, command in commands.items()}
        self._loaded: dict[str, AnyOperation] = {}

    @classmethod
    def of(cls, *operations: AnyOperation) -> Catalogue:
        """A catalogue of operations that are at hand already, such as those of a test."""
        catalogue = cls(
            {operation.name: "" for operation in operations},  # no module is left to be loaded
            {operation.name: operation.command for operation in operations},
        )
        catalogue._loaded = {operation.name: operation for operation in operations}
        return catalogue

    def __getitem__(self, name: str) -> AnyOperation:
        """The operation called ``name``; ParameterError with near matches if there is none."""
        if name not in self._modules:
            raise ParameterError(
                f"There is no operation {name!r}.",
                code="operation",
                hint=suggest(name, list(self)) or f"There are {', '.join(self)}.",
            )
        if name not in self._loaded:
            operation = importlib.import_module(self._modules[name]).OPERATION
            if not isinstance(operation, Operation) or operation.name != name:
                raise TypeError(f"{self._modules[name]} does not hold the operation {name!r}")
            if self._by_command.get(operation.command) != name:
                raise TypeError(f"the catalogue does not know that {operation.command!r} is the command of {name!r}")
            self._loaded[name] = operation
        return self._loaded[name]

    def with_command(self, command: str) -> AnyOperation | None:
        """The operation of a command; None if there is none."""
        name = self._by_command.get(command)
        return None if name is None else self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


CATALOGUE = Catalogue({name: f"{__package__}.{name}.operation" for name in COMMANDS}, COMMANDS)
