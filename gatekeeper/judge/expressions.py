"""Checking and compiling CEL texts of one policy, in one set of names; every fault keeps its place in the file."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.errors import Problem
from gatekeeper.judge.cel import CelFault, Checked, Engine, Path, check, compose
from gatekeeper.judge.names import NOT_BUILT, ROOTS, fault_of
from gatekeeper.judge.prepared import Expression
from gatekeeper.policy.documents import Document

Position = tuple[str | int, ...]
MAX_VARIABLE_DEPTH = 100


class Compiler:
    """Compiles the expressions of one policy document and gathers its problems."""

    def __init__(self, document: Document, engines: Sequence[Engine]) -> None:
        self.document = document
        self.engines = tuple(engines)
        self.problems: list[Problem] = []
        self.names: dict[str, str] = dict(ROOTS)
        self.variables: dict[str, Checked] = {}
        self.needs: dict[str, tuple[str, ...]] = {}
        self.depths: dict[str, int] = {}

    def variable(self, name: str, source: str, at: Position) -> Expression | None:
        """Compile a variable and make it known to what follows."""
        expression = self.expression(source, at)
        if expression is not None and self._is_too_deep(name, expression.checked, at):
            return None
        if expression is not None:
            self.variables[name] = expression.checked
            self.needs[name] = expression.variables
            self.names[f"variables.{name}"] = _declared_type(expression.checked.result_type)
        return expression

    def condition(self, source: str, at: Position) -> Expression | None:
        """Compile what must give a boolean."""
        expression = self.expression(source, at)
        if expression is not None and expression.checked.result_type not in ("bool", "dyn"):
            self.problem(at, f"a condition gives a boolean; this gives {expression.checked.result_type}")
            return None
        return expression

    def number(self, source: str, at: Position) -> Expression | None:
        """Compile what must give a number."""
        expression = self.expression(source, at)
        if expression is not None and expression.checked.result_type not in ("double", "int", "uint", "dyn"):
            self.problem(at, f"a limit is a number; this gives {expression.checked.result_type}")
            return None
        return expression

    def expression(self, source: str, at: Position) -> Expression | None:
        """Compile any expression; None where it has a problem, which is then noted."""
        try:
            checked = check(source, self.names)
            reads, guarded = compose(checked, self.variables)
            programs = tuple(engine.program(checked, self.names) for engine in self.engines)
        except CelFault as fault:
            self._fault(source, at, _explained(fault.message), (fault.line, fault.column), fault.remedy)
            return None
        if not self._known(source, checked, (*reads, *guarded), at):
            return None
        needed = self._needed(checked)
        return Expression(
            checked=checked,
            programs=programs,
            reads=reads,
            guarded=guarded,
            everything=any(one.everything for one in (checked, *(self.variables[name] for name in needed))),
            evidence=_evidence_names((*reads, *guarded)),
            variables=needed,
        )

    def problem(self, at: Position, message: str, remedy: str = "") -> None:
        """Note a problem at a place of the document."""
        line, column = self.document.place(*at)
        self.problems.append(Problem(message, self.document.file, line, column, remedy))

    def _fault(self, source: str, at: Position, message: str, place: tuple[int, int], remedy: str = "") -> None:
        """Note a fault inside an expression: at its own place in the file where the file holds that very text."""
        if self.document.text(*at) == source:
            line, column = self.document.inside(*place, *at)
            self.problems.append(Problem(message, self.document.file, line, column, remedy))
        else:
            self.problem(at, f"{message} (in {' '.join(source.split())[:200]})", remedy)

    def _known(self, source: str, checked: Checked, paths: Sequence[Path], at: Position) -> bool:
        faults = {path: fault for path in paths if (fault := fault_of(path, self.document.policy)) is not None}
        for fault in faults.values():
            self._fault(source, at, fault.message, checked.place(fault.at))
        return not faults

    def _needed(self, checked: Checked) -> tuple[str, ...]:
        wanted: list[str] = []
        for path in (*checked.reads, *checked.guarded):
            if path[0] == "variables" and len(path) > 1 and path[1] in self.variables:
                wanted += [*self.needs[str(path[1])], str(path[1])]
        return tuple(dict.fromkeys(wanted))

    def _is_too_deep(self, name: str, checked: Checked, at: Position) -> bool:
        """Note a variable that stands on too many others, one on the other: all that follows them goes as deep."""
        self.depths[name] = 1 + max((self.depths.get(below, 0) for below in checked.variables), default=0)
        if self.depths[name] > MAX_VARIABLE_DEPTH:
            self.problem(at, f"variables stand on each other more than {MAX_VARIABLE_DEPTH} deep")
        return self.depths[name] > MAX_VARIABLE_DEPTH


def _evidence_names(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(path[1]) for path in paths if path[0] == "evidence" and len(path) > 1))


def _declared_type(result: str) -> str:
    return result if result in ("bool", "int", "uint", "double", "string", "timestamp", "duration") else "dyn"


def _explained(message: str) -> str:
    for name in NOT_BUILT:
        if message == f"there is no name {name}":
            return f"{name} is not computed by this version of gatekeeper"
    return message
