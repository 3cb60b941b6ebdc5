"""cel-cpp, through cel-expr-python, with a fence around each of its traits.

- Errors come back as values whose `value()` is a non-empty string: the type is asked first, always.
- Reading a null takes a reference from None on Python < 3.12 and in the end kills the process: never read.
- Ten thousand loop steps are all that one evaluation has; making a list costs the square of its length.
- Strings are cut off at U+0000, and a document nested 100,000 deep kills the process: `bind` refuses both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import is_
from typing import Any

from gatekeeper.judge.cel.answer import FALSE, TRUE, Answer, failure, type_word
from gatekeeper.judge.cel.checking import Checked
from gatekeeper.judge.cel.environment import Environment, cpp, environment
from gatekeeper.judge.cel.find import MISSING, Path, find
from gatekeeper.judge.cel.guards import check_plain, check_uncut
from gatekeeper.judge.cel.installed import installed_version

BUILD_LIMIT = 5_000
"""Elements that map() and filter() may run over; more could take seconds and gigabytes."""
RESULT_DEPTH = 200
_BOOL = cpp.Type.BOOL
_NO_VARIABLES: Mapping[str, Any] = {}


class CppEngine:
    """The default engine."""

    name = "cel-cpp"

    @property
    def version(self) -> str:
        """The version of cel-expr-python."""
        return installed_version(cpp, "cel_expr_python")

    def program(self, checked: Checked, names: Mapping[str, str]) -> CppProgram:
        """Prepare a checked expression."""
        return CppProgram(checked, names)

    def bind(self, data: Mapping[str, Any], *, plain: bool = False) -> CppBinding:
        """Prepare one document. Raises EvidenceError for what is not plain data, unless `plain` says it was checked."""
        for name, value in data.items() if not plain else ():
            if type(value) is not datetime:
                check_plain(value, name)
        return CppBinding(dict(data))


class CppBinding:
    """One document, and the activations that hold it, by the variables that they hold beside it."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.plain: dict[frozenset[str], Any] = {}
        self.varied: dict[tuple[frozenset[str], tuple[str, ...]], tuple[tuple[Any, ...], Any]] = {}
        self.widest: int | None = None

    def activation(self, known: Environment) -> Any:
        """The document alone. An activation serves every environment that declares the same times.

        It is made once, as the engine converts the document anew for each.
        """
        made = self.plain.get(known.timed)
        if made is None:
            made = self.plain[known.timed] = known.env.Activation(self.data)
        return made

    def with_variables(self, known: Environment, names: tuple[str, ...], variables: Mapping[str, Any]) -> Any:
        """The document with those variables; made anew only where one of them has another value than before."""
        key = (known.timed, names)
        values = tuple([variables[name] for name in names])
        kept = self.varied.get(key)
        if kept is not None and all(map(is_, kept[0], values)):
            return kept[1]
        check_uncut(values)
        made = known.env.Activation(self.data | {f"variables.{name}": variables[name] for name in names})
        self.varied[key] = (values, made)
        return made


class CppProgram:
    """One expression, compiled by the environment of its names."""

    def __init__(self, checked: Checked, names: Mapping[str, str]) -> None:
        self.environment = environment(names)
        self.expression = self.environment.compile(checked.source)
        self.source = checked.source
        self.variables = checked.variables
        self.bounded = bool(checked.built) or checked.builds_computed
        self.built = checked.built
        self.builds_computed = checked.builds_computed

    def evaluate(self, binding: CppBinding, variables: Mapping[str, Any] = _NO_VARIABLES) -> Answer:
        """The value for one document. Never raises."""
        if self.bounded and self._too_wide(binding, variables):
            return failure("limit", f"map() and filter() take {BUILD_LIMIT} elements at most; ask all() or exists()")
        try:
            return _answer(self.expression.eval(self._activation(binding, variables)), self.source)
        except Exception as error:  # noqa: BLE001 - whatever comes out of the engine is an answer
            from gatekeeper.judge.cel.failures import raised  # only when something failed

            return raised(error)

    def _activation(self, binding: CppBinding, variables: Mapping[str, Any]) -> Any:
        names = tuple([name for name in self.variables if name in variables]) if self.variables else None
        return (
            binding.with_variables(self.environment, names, variables)
            if names
            else binding.activation(self.environment)
        )

    def _too_wide(self, binding: CppBinding, variables: Mapping[str, Any]) -> bool:
        if self.builds_computed and _widest(binding) > BUILD_LIMIT:
            return True
        return any(_width(_looked_up(path, binding.data, variables)) > BUILD_LIMIT for path in self.built)


def _looked_up(path: Path, data: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
    if path[0] == "variables":
        return find(variables, path[1:])
    return find(data, path)


def _width(value: Any) -> int:
    return len(value) if value is not MISSING and isinstance(value, list | dict) else 0


def _widest(binding: CppBinding) -> int:
    """Elements of the document's longest list or map."""
    if binding.widest is None:
        binding.widest, waiting = 0, list(binding.data.values())
        while waiting:
            value = waiting.pop()
            if isinstance(value, list | dict):
                binding.widest = max(binding.widest, len(value))
                waiting.extend(value.values() if isinstance(value, dict) else value)
    return binding.widest


def _answer(result: Any, source: str) -> Answer:
    kind = result.type()
    if kind == _BOOL:
        return TRUE if result.value() is True else FALSE
    name = kind.name()
    if name == "ERROR":
        from gatekeeper.judge.cel.failures import failed  # only when something failed

        return failed(str(result.value()), source)
    try:
        return Answer(value=_plain(result, kind, name, 0))
    except _UnplainError as error:
        return failure("unrepresentable", str(error))


class _UnplainError(Exception):
    """A value that has no plain form."""


def _plain(result: Any, kind: Any, name: str, depth: int) -> Any:
    """The plain form of a result, read type first, part by part."""
    if name in ("INT", "UINT", "DOUBLE", "STRING", "TIMESTAMP", "DURATION", "BOOL"):
        return result.value()
    if name == "NULL":
        return None
    if depth > RESULT_DEPTH:
        raise _UnplainError("the result is nested too deeply")
    if name.startswith("LIST"):
        return [_part(part, depth) for part in result.value()]
    if name.startswith("MAP"):
        return {key: _part(part, depth) for key, part in result.value().items()}
    if name == "BYTES":
        return bytes(result.value())
    if name.startswith("TYPE"):
        return type_word(str(result.value().name()).partition("<")[0].lower())
    if name.startswith("optional"):
        raise _UnplainError("the result is an optional value; end it with orValue()")
    raise _UnplainError(f"the result is of no type that a rule can use ({kind.name()[:40]})")


def _part(result: Any, depth: int) -> Any:
    kind = result.type()
    name = kind.name()
    if name == "ERROR":
        raise _UnplainError("the result holds an error")
    return _plain(result, kind, name, depth + 1)
