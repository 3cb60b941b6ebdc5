"""CEL's operators for cel-python where its own differ from the language definition.

Numbers of different types compare by value, values of different types are unequal and not an error, a condition is a
boolean and nothing that is merely truthy, arithmetic never mixes types, an index is never negative
(google/cel-spec, `doc/langdef.md`; cloud-custodian/cel-python#114).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celpy import celtypes
from celpy.evaluation import CELEvalError, base_functions

Function = Callable[..., Any]
_NUMBERS = (celtypes.IntType, celtypes.UintType, celtypes.DoubleType)
_ORDERED = (celtypes.StringType, celtypes.BytesType, celtypes.BoolType, celtypes.TimestampType, celtypes.DurationType)
_TIMES = (celtypes.TimestampType, celtypes.DurationType)
_SIZED = (celtypes.StringType, celtypes.BytesType, celtypes.ListType, celtypes.MapType)


def no_overload() -> CELEvalError:
    """The error of an operator or function that cannot take what it was given."""
    return CELEvalError("no such overload", TypeError, ())


def passing(function: Function) -> Function:
    """Hand an operand that is an error on, before the function sees it."""

    def passed(*operands: Any) -> Any:
        for operand in operands:
            if isinstance(operand, CELEvalError):
                return operand
        return function(*operands)

    return passed


def equal(one: Any, other: Any) -> bool:
    """CEL's equality: numbers by value, everything else only within its type."""
    if isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS):
        return _number(one) == _number(other)
    if isinstance(one, celtypes.ListType) and isinstance(other, celtypes.ListType):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, celtypes.MapType) and isinstance(other, celtypes.MapType):
        return len(one) == len(other) and all(key in other and equal(one[key], other[key]) for key in one)
    for kind in _ORDERED:
        if isinstance(one, kind) or isinstance(other, kind):
            return isinstance(one, kind) and isinstance(other, kind) and _base(one) == _base(other)
    return one is other


def _number(value: Any) -> int | float:
    return float(value) if isinstance(value, float) else int(value)


def _base(value: Any) -> Any:
    """A value without cel-python's own comparison, which refuses what it does not know."""
    return str.__str__(value) if isinstance(value, str) else value


def _ordering(compare: Callable[[Any, Any], bool]) -> Function:
    def ordered(one: Any, other: Any) -> Any:
        if isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS):
            return celtypes.BoolType(compare(_number(one), _number(other)))
        if type(one) is type(other) and isinstance(one, _ORDERED):
            return celtypes.BoolType(bool(compare(_base(one), _base(other))))
        raise TypeError("unordered")

    return passing(ordered)


def _within(item: Any, container: Any) -> Any:
    if not isinstance(container, celtypes.ListType | celtypes.MapType):
        raise TypeError("no container")
    return celtypes.BoolType(any(equal(item, each) for each in container))


def _at(container: Any, key: Any) -> Any:
    if isinstance(container, celtypes.MapType):
        for known in container if isinstance(key, float) else ():
            if equal(known, key):
                return container[known]
        return container[key]
    if not isinstance(container, celtypes.ListType) or not isinstance(key, _NUMBERS):
        raise TypeError("no index")
    if _number(key) != int(key):
        raise TypeError("no whole index")
    if not 0 <= int(key) < len(container):
        raise IndexError("outside")
    return container[int(key)]


def _arithmetic(name: str) -> Function:
    function = base_functions[name]

    def computed(one: Any, other: Any) -> Any:
        timed = isinstance(one, _TIMES) and isinstance(other, _TIMES)
        if not timed and (type(one) is not type(other) or isinstance(one, celtypes.BoolType)):
            raise TypeError("mixed types")
        made = function(one, other)
        return celtypes.ListType(made) if type(made) is list else made

    return passing(computed)


def _junction(decisive: bool) -> Function:
    """`&&` (decided by false) and `||` (decided by true): an error counts only where the other side does not decide."""

    def joined(one: Any, other: Any) -> Any:
        for side in (one, other):
            if isinstance(side, celtypes.BoolType) and bool(side) is decisive:
                return celtypes.BoolType(decisive)
        for side in (one, other):
            if not isinstance(side, celtypes.BoolType):
                return side if isinstance(side, CELEvalError) else no_overload()
        return celtypes.BoolType(not decisive)

    return joined


def _size(container: Any) -> Any:
    if not isinstance(container, _SIZED):
        raise TypeError("no size")
    return celtypes.IntType(len(container))


def _texts(function: Function) -> Function:
    """A method of strings, which cel-python lets lists and maps have as well."""

    def asked(text: Any, part: Any) -> Any:
        if not isinstance(text, celtypes.StringType) or not isinstance(part, celtypes.StringType):
            raise TypeError("no string")
        return function(text, part)

    return asked


OPERATORS: dict[str, Function] = {
    "_==_": passing(lambda one, other: celtypes.BoolType(equal(one, other))),
    "_!=_": passing(lambda one, other: celtypes.BoolType(not equal(one, other))),
    "_<_": _ordering(lambda one, other: bool(one < other)),
    "_<=_": _ordering(lambda one, other: bool(one <= other)),
    "_>_": _ordering(lambda one, other: bool(one > other)),
    "_>=_": _ordering(lambda one, other: bool(one >= other)),
    "_in_": passing(_within),
    "_[_]": passing(_at),
    "_&&_": _junction(False),
    "_||_": _junction(True),
    "size": _size,
    **{name: _arithmetic(name) for name in ("_+_", "_-_", "_*_", "_/_", "_%_")},
    **{name: _texts(base_functions[name]) for name in ("contains", "startsWith", "endsWith", "matches")},
}
