"""Classes of styles that state them otherwise than by categories: rules, ranges of numbers, pseudocolours of a raster."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsColorRampShader,
    QgsExpression,
    QgsExpressionNode,
    QgsExpressionNodeBinaryOperator,
    QgsGraduatedSymbolRenderer,
    QgsRuleBasedRenderer,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)

from .features.attribute_text import attribute_text
from .raster_values import ShownValue
from .symbols.seen import colours_seen

_MOST_IN_RANGE = 2
_EQUALS = (
    QgsExpressionNodeBinaryOperator.BinaryOperator.boEQ,
    QgsExpressionNodeBinaryOperator.BinaryOperator.boIs,
)


@dataclass(frozen=True)
class FoundClass:
    """One category, rule or range that is a class: the values it stands for, its label, the colours ``#rrggbb`` that are seen
    of its symbol, the most prominent first, and whether it is shown.
    """

    values: tuple[str, ...]
    label: str
    seen: tuple[str, ...]
    is_shown: bool = True


@dataclass(frozen=True)
class FoundRules:
    """The rules of a style that name values of the field ``attribute``, and the filters of all others."""

    attribute: str
    classes: tuple[FoundClass, ...]
    unread: tuple[str, ...]


def rules_of(renderer: QgsRuleBasedRenderer) -> FoundRules:
    """The rules whose filters name values of one field, that of the first of them; ``attribute`` is empty if there is none."""
    attribute, classes, unread = "", list[FoundClass](), list[str]()
    for rule in renderer.rootRule().children():
        text = rule.filterExpression().strip()
        expression = QgsExpression(text)  # its nodes live as long as it does
        named = None if rule.isElse() else _named_values(expression.rootNode())
        if named is None or rule.children() or (attribute and named[0].casefold() != attribute.casefold()):
            # "All other values" is not a class if it has no name, nor is a rule without a filter, which is for everything.
            if rule.label() or (text and not rule.isElse()) or rule.children():
                unread.append(text or rule.label() or "ELSE")
            continue
        attribute = attribute or named[0]
        classes.append(FoundClass(named[1], rule.label().strip(), colours_seen(rule.symbol()), rule.active()))
    return FoundRules(attribute, tuple(classes), tuple(unread))


def ranges_of(renderer: QgsGraduatedSymbolRenderer) -> list[FoundClass] | None:
    """The ranges with one whole number each; None if a range has several, which are not one class.

    A number that two ranges hold belongs to the first, as QGIS shows it.
    """
    classes, below = [], set[int]()
    for item in renderer.ranges():
        numbers = _whole_numbers(item.lowerValue(), item.upperValue(), below)
        if len(numbers) >= _MOST_IN_RANGE:
            return None
        below.update(numbers)
        if numbers:
            classes.append(
                FoundClass((str(numbers[0]),), item.label().strip(), colours_seen(item.symbol()), item.renderState())
            )
    return classes


def pseudocolours_of(renderer: QgsSingleBandPseudoColorRenderer) -> tuple[list[ShownValue], bool] | None:
    """The values of a pseudocolour style in which each has its colour, in ascending order; None if values lie between colours.

    Returns
    -------
    The values, and whether each is the upper bound of all values of its colour.
    """
    shader = renderer.shader()
    function = None if shader is None else shader.rasterShaderFunction()
    if not isinstance(function, QgsColorRampShader):
        return None
    kind = function.colorRampType()
    if kind not in (QgsColorRampShader.Type.Exact, QgsColorRampShader.Type.Discrete):
        return None
    items = sorted(function.colorRampItemList(), key=lambda item: item.value)
    values = [ShownValue(item.value, item.label.strip(), item.color.name()) for item in items]
    return values, kind == QgsColorRampShader.Type.Discrete


def field_of(layer: QgsVectorLayer, attribute: str) -> str | None:
    """Name of the field that a style classifies by; None if it is an expression."""
    index = QgsExpression.expressionToLayerFieldIndex(attribute, layer)
    return layer.fields().at(index).name() if index >= 0 else None


def _whole_numbers(low: float, high: float, taken: Iterable[int]) -> list[int]:
    if not (math.isfinite(low) and math.isfinite(high)):
        return []
    # More than two need not be counted.
    first, last = math.ceil(low), math.floor(high)
    taken = set(taken)
    found: list[int] = []
    for number in range(first, last + 1):
        if number not in taken:
            found.append(number)
        if len(found) == _MOST_IN_RANGE:
            break
    return found


def _named_values(node: QgsExpressionNode | None) -> tuple[str, tuple[str, ...]] | None:
    """Field and values of ``"crop" = 'oat'``, ``"crop" IN (1, 2)`` and such joined by OR; None for any other filter."""
    if node is None:
        return None
    if node.nodeType() == QgsExpressionNode.NodeType.ntInOperator and not node.isNotIn():
        return _field_and_values(node.node(), node.list().list())
    if node.nodeType() != QgsExpressionNode.NodeType.ntBinaryOperator:
        return None
    if node.op() in _EQUALS:
        return _field_and_values(node.opLeft(), [node.opRight()])
    if node.op() != QgsExpressionNodeBinaryOperator.BinaryOperator.boOr:
        return None
    left, right = _named_values(node.opLeft()), _named_values(node.opRight())
    if left is None or right is None or left[0].casefold() != right[0].casefold():
        return None
    return left[0], tuple(dict.fromkeys((*left[1], *right[1])))


def _field_and_values(field: Any, values: list[Any]) -> tuple[str, tuple[str, ...]] | None:
    if field.nodeType() != QgsExpressionNode.NodeType.ntColumnRef or any(
        value.nodeType() != QgsExpressionNode.NodeType.ntLiteral for value in values
    ):
        return None
    texts = tuple(attribute_text(value.value()) for value in values)
    # An empty field is not a class.
    return (field.name(), texts) if all(texts) else None
