"""The one user of cel-cpp's compiler: environments by declared names, and its complaints in our words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from cel_expr_python import cel as cpp

__all__ = ["Environment", "cpp", "environment", "type_name"]
_EXTENSIONS = [
    "bindings",
    "encoders",
    "lists",
    "math",
    "optional",
    "regex",
    "sets",
    "strings",
    "two-var-comprehensions",
]
_CONFIG = "extensions:\n" + "".join(f"- name: {name}\n" for name in _EXTENSIONS)
_TYPES = {
    "bool": cpp.Type.BOOL,
    "bytes": cpp.Type.BYTES,
    "double": cpp.Type.DOUBLE,
    "duration": cpp.Type.DURATION,
    "int": cpp.Type.INT,
    "list": cpp.Type.List(cpp.Type.DYN),
    "map": cpp.Type.Map(cpp.Type.STRING, cpp.Type.DYN),
    "string": cpp.Type.STRING,
    "timestamp": cpp.Type.TIMESTAMP,
    "uint": cpp.Type.UINT,
}
_KEPT = 256
"""Environments and compiled expressions remembered; a policy set beyond that compiles some of them twice."""


def _unhindered(make: Callable[[], Any]) -> Any:
    """Run `make` with protobuf out of reach: where it is installed, the first environment would load it for 30 ms."""
    name = "google.protobuf"
    before = sys.modules.get(name, _ABSENT)
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        return make()
    finally:
        if before is _ABSENT:
            del sys.modules[name]
        else:
            sys.modules[name] = before  # type: ignore[assignment]


_ABSENT = object()


class Environment:
    """What cel-cpp knows of one set of names. Compiled expressions are kept, so that a rule is compiled once."""

    def __init__(self, names: Mapping[str, str]) -> None:
        declared = {name: _TYPES.get(kind, cpp.Type.DYN) for name, kind in names.items()}
        self.timed = frozenset(name for name, kind in names.items() if kind in ("timestamp", "duration"))
        config = cpp.NewEnvConfigFromYaml(_CONFIG)
        self.env = _unhindered(lambda: cpp.NewEnv(config=config, variables=declared))
        self.compiled: dict[str, Any] = {}

    def compile(self, source: str) -> Any:
        """The compiled expression. Raises RuntimeError with cel-cpp's own text."""
        expression = self.compiled.get(source)
        if expression is None:
            if len(self.compiled) >= _KEPT:
                self.compiled.clear()
            expression = self.compiled[source] = self.env.compile(source)
        return expression


_environments: dict[frozenset[tuple[str, str]], Environment] = {}


def environment(names: Mapping[str, str]) -> Environment:
    """The environment of these names, made once."""
    key = frozenset(names.items())
    found = _environments.get(key)
    if found is None:
        if len(_environments) >= _KEPT:
            _environments.clear()
        found = _environments[key] = Environment(names)
    return found


def type_name(expression: Any) -> str:
    """The checked type without its parameters, as `bool`, `dyn`, `list`, `optional_type`."""
    return str(expression.return_type().name()).partition("<")[0].lower()
