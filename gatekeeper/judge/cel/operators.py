"""CEL's operators for cel-python where its own differ from the language definition.

Numbers of different types compare by value, values of different types are unequal and not an error, a condition is a
boolean and nothing that is merely truthy, arithmetic never mixes types, an index is never negative
(google/cel-spec, `doc/langdef.md`; cloud-custodian/cel-python#114).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import copysign, inf, nan
from typing import Any

from celpy import celtypes
from celpy.evaluation import CELEvalError, base_functions

from gatekeeper.judge.cel.patterns import matches

Function = Callable[..., Any]
_NUMBERS = (celtypes.IntType, celtypes.UintType, celtypes.DoubleType)
_ORDERED = (celtypes.StringType, celtypes.BytesType, celtypes.BoolType, celtypes.TimestampType, celtypes.DurationType)
_TIMES = (celtypes.TimestampType, celtypes.DurationType)
_LONGEST = timedelta(seconds=315_576_000_000)
_APART = timedelta(microseconds=(1 << 63) // 1000)
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
        left, right = _numbers(one, other)
        return left == right
    if isinstance(one, celtypes.ListType) and isinstance(other, celtypes.ListType):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, celtypes.MapType) and isinstance(other, celtypes.MapType):
        return len(one) == len(other) and all(_paired(key, value, other) for key, value in one.items())
    for kind in _ORDERED:
        if isinstance(one, kind) or isinstance(other, kind):
            return isinstance(one, kind) and isinstance(other, kind) and _base(one) == _base(other)
    return one is other


_NOTHING = object()


def _found(key: Any, entries: Any) -> Any:
    """The value at an equal key, or _NOTHING; cel-python's own look-up fails at a number of another type."""
    if isinstance(key, _NUMBERS):
        return next((value for known, value in entries.items() if equal(known, key)), _NOTHING)
    return dict.get(entries, key, _NOTHING)


def _paired(key: Any, value: Any, entries: Any) -> bool:
    found = _found(key, entries)
    return found is not _NOTHING and equal(value, found)


def _number(value: Any) -> int | float:
    return float(value) if isinstance(value, float) else int(value)


def _numbers(one: Any, other: Any) -> tuple[int | float, int | float]:
    """Two numbers as CEL compares them: as doubles where one of them is."""
    if isinstance(one, float) or isinstance(other, float):
        return float(one), float(other)
    return int(one), int(other)


def _base(value: Any) -> Any:
    """A value without cel-python's own comparison, which refuses what it does not know."""
    return str.__str__(value) if isinstance(value, str) else value


def _ordering(compare: Callable[[Any, Any], bool]) -> Function:
    def ordered(one: Any, other: Any) -> Any:
        if isinstance(one, _NUMBERS) and isinstance(other, _NUMBERS):
            return celtypes.BoolType(compare(*_numbers(one, other)))
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
        found = _found(key, container)
        if found is _NOTHING:
            raise KeyError
        return found
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
        if isinstance(one, celtypes.TimestampType) and isinstance(made, timedelta) and abs(made) > _APART:
            raise OverflowError
        return _typed(made)

    return passing(computed)


def _divided(one: Any, other: Any) -> Any:
    """Division; that of doubles is IEEE 754's, where cel-python says infinity whatever is divided by zero."""
    if not isinstance(one, float) or not isinstance(other, float) or other != 0.0:
        return _divided_by_more(one, other)
    if one == 0.0 or one != one:
        return celtypes.DoubleType(nan)
    return celtypes.DoubleType(inf * copysign(1.0, one) * copysign(1.0, other))


def _typed(made: Any) -> Any:
    """A result in cel-python's types, which its own operators lose, and within CEL's ranges, which they do not keep."""
    if isinstance(made, timedelta):
        if abs(made) > _LONGEST:
            raise OverflowError
        return celtypes.DurationType(made)
    for plain, kind in ((str, celtypes.StringType), (float, celtypes.DoubleType), (bytes, celtypes.BytesType)):
        if isinstance(made, plain):
            return kind(made)  # type: ignore[arg-type]
    return celtypes.ListType(made) if isinstance(made, list) else made


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


_divided_by_more = _arithmetic("_/_")
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
    **{name: _arithmetic(name) for name in ("_+_", "_-_", "_*_", "_%_")},
    "_/_": passing(_divided),
    **{name: _texts(base_functions[name]) for name in ("contains", "startsWith", "endsWith")},
    "matches": _texts(lambda text, pattern: celtypes.BoolType(matches(str(text), str(pattern)))),
}
