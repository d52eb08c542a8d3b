"""One form of message for whatever is wrong with a parameter, over all operations there are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

import fake_operations
from hsi_engine.errors import HsiError, ParameterError
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.base import Operation
from hsi_engine.operations.definition.parameter_spec import ParameterSpec, format_number, parameter_specs
from hsi_engine.operations.definition.validation import validate

OPERATIONS = [*CATALOGUE.values(), *fake_operations.CATALOGUE.values()]


def some_value(spec: ParameterSpec) -> Any:
    """A value of the right type, for a parameter that has to be given."""
    if spec.choices:
        return spec.choices[0]
    low = spec.bounds.get("ge", spec.bounds.get("gt", 0))
    return {"integer": int(low) + 1, "number": low + 0.5, "boolean": True, "array": []}.get(spec.type, "some.text")


def beyond(spec: ParameterSpec) -> Iterator[tuple[Any, str]]:
    """Values that break one rule of the parameter, and what the message must say."""
    step = 1 if spec.type == "integer" else 0.001
    for name, bound in spec.bounds.items():
        if name == "ge":
            yield bound - step, format_number(bound)
        elif name == "le":
            yield bound + step * max(1, abs(bound)), format_number(bound)
        elif name in ("gt", "lt"):
            yield bound, format_number(bound)
    if spec.odd:
        yield 2 * int(spec.bounds.get("ge", 2)), "odd"
    if spec.choices:
        yield "no-such-choice", str(spec.choices[-1])
    if spec.type in ("integer", "number"):
        yield "many", "number"
        yield True, "number"
        yield math.nan, "number"
    if spec.type == "boolean":
        yield "perhaps", "true or false"
    if spec.type == "path":
        yield "", "path"
        yield 3.5, "path"


def refusal(operation: Operation[Any, Any], values: dict[str, Any]) -> str | None:
    """The code of the error that ``values`` raise, None where they are allowed."""
    try:
        validate(operation, values)
    except ParameterError as error:
        return error.code
    return None


CASES = [
    pytest.param(operation, spec, value, words, id=f"{operation.name}-{spec.name}-{value}")
    for operation in OPERATIONS
    for spec in parameter_specs(operation.params).values()
    for value, words in beyond(spec)
]


@pytest.mark.parametrize(("operation", "spec", "value", "words"), CASES)
def test_a_value_beyond_a_bound_is_refused_in_words(
    operation: Operation[Any, Any], spec: ParameterSpec, value: Any, words: str
) -> None:
    values = {s.name: some_value(s) for s in parameter_specs(operation.params).values() if s.required}
    with pytest.raises(ParameterError) as caught:
        validate(operation, {**values, spec.name: value})
    message = caught.value.message
    assert message.startswith(f"Parameter '{spec.name}' ({spec.title}): must be ")
    assert words in message.split("; found ")[0]
    assert message.endswith(f"found {repr(value).removesuffix('.0')}.")
    assert caught.value.hint


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_required_parameters_are_named_when_missing(operation: Operation[Any, Any]) -> None:
    required = [spec for spec in parameter_specs(operation.params).values() if spec.required]
    assert required or operation.name in {"run_demo", "check_engine"}  # these run without being told anything
    for spec in required:
        values = {s.name: some_value(s) for s in required if s.name != spec.name}
        with pytest.raises(ParameterError, match=rf"'{spec.name}' \({spec.title}\) is required and was not given"):
            validate(operation, values)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_defaults_are_allowed_values(operation: Operation[Any, Any]) -> None:
    specs = parameter_specs(operation.params).values()
    values = {s.name: some_value(s) if s.required else s.default for s in specs}
    # A rule between parameters may ask for more than the defaults; each default by itself is allowed.
    assert refusal(operation, values) not in ("parameter.value", "parameter.missing", "parameter.unknown")


def test_an_unknown_parameter_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"echo has no parameter 'txet'\. Did you mean text\?"):
        validate(fake_operations.ECHO, {"txet": "hi"})


def test_a_near_choice_is_suggested() -> None:
    with pytest.raises(HsiError, match=r"one of loud, quiet; found 'laud'\. Did you mean loud\?"):
        validate(fake_operations.ECHO, {"text": "hi", "mode": "laud"})


def test_a_rule_between_parameters_reaches_the_user_unchanged() -> None:
    with pytest.raises(HsiError, match="Quiet texts are short") as caught:
        validate(fake_operations.ECHO, {"text": "x" * 100, "mode": "quiet"})
    assert caught.value.code == "parameter.too_long"


def test_the_length_of_a_text_is_counted_in_characters() -> None:
    [operation] = [one for one in OPERATIONS if one.name == "classify_scenes"]
    values = {s.name: some_value(s) for s in parameter_specs(operation.params).values() if s.required}
    with pytest.raises(ParameterError, match=r"must be text with at least 1 character; found ''"):
        validate(operation, {**values, "scheduler": ""})
