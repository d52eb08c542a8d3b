"""What an operation is: parameters, a result and a function, defined once for every entry point.

The Python function, the command of ``hsi``, the request of the worker and the form in a GIS are all
derived from the :class:`OperationParams` of an operation, so a title, default or bound is written once.

A module of an operation ends with::

    OPERATION = Operation(
        name="classify_scene", command="classify", title="Classify scene", summary="…", group="Classification",
        params=ClassifySceneParams, result=ClassifySceneResult, run="hsi_engine.operations.classify_scene.run:run",
        example="hsi classify …",
    )

The work is done in another module, which is imported when the operation is run: that one may load torch and rasterio,
this one may not, because descriptions and help load every operation and must stay fast.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from ...reporting import Reporter
from .kinds import KINDS, Direction, Kind
from .output_layer import OutputLayer
from .possible_path import possible_path

# Options of every command, and the argument of every function, that are not parameters.
_RESERVED_NAMES = frozenset({"json", "quiet", "help", "version", "reporter"})
_BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length")
# What pydantic 2.10 and later protect; older ones warn of every field whose name begins with model_.
_PROTECTED = ("model_validate", "model_dump")


def parameter(
    default: Any = ...,
    *,
    title: str,
    description: str,
    kind: str,
    choices: Mapping[str, str] = MappingProxyType({}),
    of: str | None = None,
    unit: str | None = None,
    group: str | None = None,
    layer: OutputLayer | None = None,
    advanced: bool = False,
    odd: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    multiple_of: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
) -> Any:
    """One field of an :class:`OperationParams`.

    Parameters
    ----------
    default : value when none is given; leave it out for a required parameter.
    title : label in a form, such as "Patch size".
    description : one sentence for a person; the help shows it as it is.
    kind : what the value means, a name in :data:`.kinds.KINDS`; decides on files, the widget of a form, and the group.
    choices : the values that are allowed, and what a form shows for each; also a ``Literal`` where code depends on them.
    of : for a part of a file (``field``, ``layer``) the parameter that names the file.
    unit : unit of the value as it is shown, such as "px", "nm", "%".
    group : heading in the help and in a form, if the one derived from ``kind`` is not good enough.
    layer : how an output is shown in a GIS, if it can be a layer.
    advanced : shown last, and folded away in a form.
    odd : only odd whole numbers are allowed.
    ge, gt, le, lt, multiple_of, min_length, max_length : bounds, as in pydantic.
    """
    return Field(
        default,
        title=title,
        description=description,
        ge=ge,
        gt=gt,
        le=le,
        lt=lt,
        multiple_of=multiple_of,
        min_length=min_length,
        max_length=max_length,
        json_schema_extra={
            "kind": kind,
            "choices": dict(choices),
            "of": of,
            "unit": unit,
            "group": group,
            "layer": None if layer is None else asdict(layer),
            "advanced": advanced,
            "odd": odd,
        },
    )


def same_as(
    owner: type[OperationParams],
    name: str,
    *,
    title: str | None = None,
    description: str | None = None,
    of: str | None = None,
) -> Any:
    """The parameter ``name`` of ``owner`` once more, with its own title, description or file of which it is a part."""
    field, extra = owner.model_fields[name], owner._extra(name)
    layer = extra.pop("layer")
    bounds = {bound: getattr(rule, bound) for rule in field.metadata for bound in _BOUNDS if hasattr(rule, bound)}
    return parameter(
        ... if field.is_required() else field.default,
        title=(field.title or "") if title is None else title,
        description=(field.description or "") if description is None else description,
        layer=None if layer is None else OutputLayer(**layer),
        **extra | ({} if of is None else {"of": of}),
        **bounds,
    )


class OperationParams(BaseModel):
    """Base of the parameters of an operation. Fields are made with :func:`parameter`, in order of importance.

    A rule that binds several fields is a pydantic ``model_validator`` that raises
    :class:`~hsi_engine.errors.ParameterError`; it reaches the user unchanged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=_PROTECTED)

    @field_validator("*", mode="before")
    @classmethod
    def _no_lucky_conversion(cls, value: Any, info: ValidationInfo) -> Any:
        # pydantic reads True as 1 and an empty text as the current folder; in a request both are mistakes.
        kind = cls._kind(info.field_name)
        if isinstance(value, bool) and kind.type in ("integer", "number"):
            raise PydanticCustomError("not_a_number", "a boolean is not a number")
        if value == "" and kind.type == "path":
            raise PydanticCustomError("no_path", "an empty string is not a path")
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _possible_path(cls, value: Any, info: ValidationInfo) -> Any:
        return possible_path(value, cls._kind(info.field_name)) if isinstance(value, Path) else value

    @field_validator("*", mode="after")
    @classmethod
    def _one_of_the_choices(cls, value: Any, info: ValidationInfo) -> Any:
        choices = cls._extra(info.field_name)["choices"]
        if choices and value is not None and value not in choices:
            raise PydanticCustomError("no_choice", "not one of the choices")
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _odd_where_asked(cls, value: Any, info: ValidationInfo) -> Any:
        if cls._extra(info.field_name)["odd"] and isinstance(value, int) and value % 2 == 0:
            raise PydanticCustomError("not_odd", "an even number where an odd one is needed")
        return value

    @classmethod
    def kinds(cls) -> dict[str, Kind]:
        """The kinds of all parameters, by their names."""
        return {name: cls._kind(name) for name in cls.model_fields}

    def input_files(self) -> dict[str, Path]:
        """The files that are read, by the names of their parameters; those that are not given are left out."""
        return self._files("in")

    def output_files(self) -> dict[str, Path]:
        """The files that are written, by the names of their parameters; those that are not asked for are left out."""
        return self._files("out")

    def _files(self, direction: Direction) -> dict[str, Path]:
        found = {name: getattr(self, name) for name, kind in self.kinds().items() if kind.is_file_of(direction)}
        return {name: path for name, path in found.items() if path is not None}

    @classmethod
    def _kind(cls, name: str | None) -> Kind:
        kind = cls._extra(name)["kind"]
        if kind not in KINDS:
            raise TypeError(f"field {name!r} of {cls.__name__} is of the unknown kind {kind!r}")
        return KINDS[kind]

    @classmethod
    def _extra(cls, name: str | None) -> dict[str, Any]:
        extra = cls.model_fields[name or ""].json_schema_extra
        if not isinstance(extra, dict) or "kind" not in extra:
            raise TypeError(f"field {name!r} of {cls.__name__} is not made with parameter()")
        return dict(extra)


class OperationResult(BaseModel):
    """Base of the result of an operation: everything in it can be written as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=_PROTECTED)

    def to_json(self) -> dict[str, Any]:
        """The result as plain JSON values; a number that is not finite becomes null. Every entry point sends this."""
        data: dict[str, Any] = json.loads(self.model_dump_json(by_alias=True))
        return data

    @property
    def exit_code(self) -> int:
        """Exit code of a command that ends with this result."""
        return 0

    def to_text(self) -> str:
        """The result for a person reading a terminal; operations with more to say override it."""
        return "\n".join(f"{name}: {value}" for name, value in self.to_json().items() if value not in (None, [], {}))


ParamsT = TypeVar("ParamsT", bound=OperationParams)
ResultT = TypeVar("ResultT", bound=OperationResult)


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[ParamsT, ResultT]):
    """One thing the engine can do.

    Parameters
    ----------
    name : verb_object in snake case; the name of the Python function and in a request.
    command : the command of ``hsi``, one word.
    title : label in a toolbox.
    summary : one sentence: what comes out of what.
    group : heading in a toolbox.
    params, result : the models of input and output.
    run : ``module:function`` that does the work, imported when it is run; the function takes the parameters and a
        reporter, never prints, reports instead, raises :class:`~hsi_engine.errors.HsiError`.
    example : one command line that works, shown at the end of the help.
    in_toolbox : whether a GIS lists it; False for what is about the engine and not about data.
    """

    name: str
    command: str
    title: str
    summary: str
    group: str
    params: type[ParamsT]
    result: type[ResultT]
    run: str
    example: str = ""
    in_toolbox: bool = True

    def __post_init__(self) -> None:
        taken = _RESERVED_NAMES & set(self.params.model_fields)
        if taken:
            raise TypeError(f"{self.name}: {sorted(taken)} cannot be names of parameters")
        for name in self.params.model_fields:
            self._check_part(name)

    def load_run(self) -> Callable[[ParamsT, Reporter], ResultT]:
        """The function that :attr:`run` names, its module imported.

        Raises
        ------
        TypeError : there is no such function in the module.
        """
        module, _, name = self.run.partition(":")
        function: Callable[[ParamsT, Reporter], ResultT] | None = getattr(importlib.import_module(module), name, None)
        if not callable(function):
            raise TypeError(f"{self.name}: {self.run!r} is no function")
        return function

    def _check_part(self, name: str) -> None:
        kinds, whole = self.params.kinds(), self.params._extra(name)["of"]
        if kinds[name].is_part != (whole is not None):
            raise TypeError(f"{self.name}: {name!r} must say of which file it is a part if, and only if, it is one")
        if whole is not None and not (whole in kinds and kinds[whole].is_file):
            raise TypeError(f"{self.name}: {name!r} is a part of {whole!r}, which is no file among the parameters")
