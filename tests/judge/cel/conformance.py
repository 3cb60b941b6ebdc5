"""The conformance cases of google/cel-spec that concern JSON data, run through our module."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.judge.cel import Answer, CelFault, Engine, agree, check
from tests.corpus import CORPUS

FILE = CORPUS / "cel" / "conformance-508bd98.json"
LEFT_OUT = frozenset(("block_ext", "dynamic", "enums", "network_ext", "proto2", "proto2_ext", "proto3", "wrappers"))
"""Protobuf, a form that only optimizers write, and an extension that is not turned on."""
TYPES = {1: "bool", 2: "int", 4: "double", 5: "string"}
Case = Mapping[str, Any]


def cases() -> Iterator[Case]:
    """Those that need no message, no container, and no variable that JSON cannot hold."""
    for case in json.loads(FILE.read_bytes()):
        if not case["needs_proto"] and case["file"] not in LEFT_OUT and not case["container"] and _plain(case):
            yield case


def case_id(case: Case) -> str:
    return f"{case['file']}/{case['section']}/{case['name']}"


def _plain(case: Case) -> bool:
    if "google.protobuf" in case["expr"] or any(kind[0] == "function" for _, kind in case["type_env"]):
        return False
    return not any(part in json.dumps(case["bindings"]) for part in ('"uint"', '"bytes"', '"proto"'))


def wrong(case: Case, engine: Engine) -> str:
    """What differs from what the case expects; empty where nothing does."""
    names = {name: _type(kind) for name, kind in case["type_env"]}
    if case["matcher"] == "eval_error":
        answer = run(case, engine, names)
        return "" if isinstance(answer, CelFault) or answer.failed else f"{answer.value!r} where an error is due"
    try:
        checked = check(case["expr"], names)
    except CelFault as fault:
        return f"refused: {fault.message}"
    if case["check_only"]:
        deduced = {"abstract_type": "optional_type"}.get(case["deduced"][0], case["deduced"][0])
        return "" if checked.result_type == deduced else f"type {checked.result_type}"
    answer = engine.program(checked, names).evaluate(engine.bind(data(case)))
    if answer.failed:
        return f"failed: {answer.message}"
    if "expected" not in case:
        return ""
    expected = plain(case["expected"])
    same = agree(answer, Answer(value=expected)) and type(answer.value) is type(expected)
    return "" if same else f"{answer.value!r} instead of {expected!r}"


def run(case: Case, engine: Engine, names: Mapping[str, str]) -> Answer | CelFault:
    try:
        return engine.program(check(case["expr"], names), names).evaluate(engine.bind(data(case)))
    except CelFault as fault:
        return fault


def data(case: Case) -> dict[str, Any]:
    return {name: plain(value) for name, value in case["bindings"].items()}


def _type(kind: list[Any]) -> str:
    return TYPES.get(kind[1], "dyn") if kind[0] == "prim" else kind[0] if kind[0] in ("list", "map") else "dyn"


def plain(value: list[Any]) -> Any:
    """The plain value of the cases' own notation."""
    kind = value[0]
    if kind == "null":
        return None
    if kind == "list":
        return [plain(part) for part in value[1]]
    if kind == "map":
        return {plain(key): plain(part) for key, part in value[1]}
    if kind == "bytes":
        return base64.b64decode(value[1])
    return {"int": int, "uint": int, "double": float, "string": str, "bool": bool, "type": str}[kind](value[1])
