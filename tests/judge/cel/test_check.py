"""What is refused when a policy is loaded, and where it says it is."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.judge.cel import CelFault, check, load_engine
from gatekeeper.judge.cel.checking import SOURCE_LIMIT
from gatekeeper.judge.cel.python import lacking
from tests.judge.cel.conftest import NAMES

BOTH_PARSERS = [
    ("evidnce.m > 1", "name", 1, 1, "no name evidnce", "Did you mean evidence?"),
    ("true &&\n  parms.x == 1", "name", 2, 3, "no name parms", "params"),
    ("variables.rat < 1.0", "name", 1, 1, "no name variables.rat", "variables.rate"),
    ("variables == 1", "name", 1, 1, "variables", ""),
    ("variables['rate'] > 0.1", "name", 1, 1, "variables", ""),
    ("has(variables.rate)", "name", 1, 0, "has(variables.rate) cannot be asked", "variable"),
    ("has(variables.rate) && variables.rate > 0.1", "name", 1, 0, "cannot be asked", ""),
    ("evidence.m.all(evidence, true)", "name", 1, 16, "hides the name evidence", "another name"),
    ("[1].exists(params, params == 1)", "name", 1, 12, "hides the name params", ""),
    ("evidence.m +", "syntax", 1, 13, "ends too early", ""),
    ("evidence.m[true]", "type", 1, 0, "a key must be a string or a whole number, not bool", ""),
    ("evidence.m[0.5]", "type", 1, 12, "not double", ""),
    ("1 == 1.0", "type", 1, 0, "== cannot take (int, double)", ""),
    ("'a'.matches('(')", "type", 1, 13, "not a regular expression", ""),
    ("9223372036854775808 > 1", "type", 1, 1, "invalid int literal", ""),
]


@pytest.mark.parametrize(("source", "kind", "line", "column", "message", "remedy"), BOTH_PARSERS)
def test_a_fault_says_what_and_where(
    checker: Any, source: str, kind: str, line: int, column: int, message: str, remedy: str
) -> None:
    with pytest.raises(CelFault) as caught:
        checker(source)
    fault = caught.value
    assert (fault.kind, fault.line) == (kind, line)
    assert message in fault.message
    assert remedy in fault.remedy
    assert not column or fault.column == column


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("evidence.m.lowerAsci()", 12, "no function lowerAsci"),
        ("foo(1)", 1, "no function foo"),
        ("size(3) > 1", 5, "size cannot take (int)"),
        ("'a' + 1 == 'b'", 5, "+ cannot take (string, int)"),
        ("1 ? true : false", 3, "?: cannot take (int, bool, bool)"),
        ("evidence[0]", 9, "[] cannot take"),
        ("variables.rate == 'x'", 16, "== cannot take (double, string)"),
        ("lists.range(20000).size() > 1", 12, "10000 at most"),
        ("lists.range(evidence.n).size() > 1", 12, "10000 at most"),
        ("cel.bind(params, 1, params == 1)", 10, "hides the name params"),
        ("evidence.transformMap(k, v, v) == {}", 22, "transformMap() and transformMapEntry() do not run"),
        ("evidence.transformMapEntry(k, v, {k: v}) == {}", 27, "do not run"),
        ("a ? b", 6, "ends too early"),
        ('"abc', 1, "unexpected"),
        ("1 === 1", 5, "unexpected"),
    ],
)
def test_the_type_checker_and_the_extensions_speak_our_words(source: str, column: int, message: str) -> None:
    with pytest.raises(CelFault) as caught:
        check(source, NAMES)
    assert message in caught.value.message
    assert caught.value.column == column
    for internal in ("INVALID_ARGUMENT", "<input>", "overload", "EOF", "ERROR"):
        assert internal not in str(caught.value)


def test_a_near_function_is_suggested() -> None:
    with pytest.raises(CelFault, match="lowerAscii"):
        check("evidence.m.lowerAsci()", NAMES)


@pytest.mark.parametrize("source", ["'\0'", "'a' == '\ud800'", "'é' == '\0'"])
def test_what_an_engine_would_cut_off_cannot_stand_in_the_text(checker: Any, source: str) -> None:
    with pytest.raises(CelFault, match="cannot stand in an expression"):
        checker(source)


def test_length_and_depth_are_bounded_and_said(checker: Any) -> None:
    with pytest.raises(CelFault, match=f"longer than {SOURCE_LIMIT}"):
        checker(" " * SOURCE_LIMIT + "1")
    with pytest.raises(CelFault, match="nested too deeply"):
        checker("(" * 3000 + "true" + ")" * 3000)


@pytest.mark.parametrize(
    "source", ["+".join(["1"] * 33), "evidence" + ".a" * 40, "true ? 1 : " * 40 + "2", "[" * 40 + "]" * 40]
)
def test_the_default_engine_s_depth_is_said(source: str) -> None:
    with pytest.raises(CelFault, match="32 levels"):
        check(source, NAMES)


def test_a_long_chain_is_no_deep_one(checker: Any) -> None:
    checked = checker(" && ".join(f"evidence.m.x{index} > 1" for index in range(400)))
    assert len(checked.reads) == 400


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("evidence.m.x > 1.0", "bool"),
        ("evidence.m.x", "dyn"),
        ("variables.rate", "double"),
        ("1", "int"),
        ("'a'", "string"),
        ("now", "timestamp"),
        ("now - now", "duration"),
        ("[1]", "list"),
        ("{'a': 1}", "map"),
        ("evidence.?m", "optional_type"),
        ("null", "null"),
        ("type(1)", "type"),
        ("b'a'", "bytes"),
        ("1u", "uint"),
    ],
)
def test_the_result_type(source: str, result: str) -> None:
    assert check(source, NAMES).result_type == result


def test_without_a_type_checker_only_literals_have_a_type(parsers: Any) -> None:
    assert parsers.lark("evidence.m.x > 1.0").result_type == "dyn"
    assert parsers.lark("'a'").result_type == "string"


def test_functions_are_checked_without_the_default_engine(parsers: Any) -> None:
    with pytest.raises(CelFault, match="no function lowerAscii in cel-python"):
        parsers.lark("evidence.m.lowerAscii() == 'a'")
    with pytest.raises(CelFault, match="no function greatest in cel-python"):
        parsers.lark("math.greatest(1, 2) == 2")


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("evidence.m.x > 1.0 && has(evidence.m.y) && 'a' in evidence.m.z && evidence.l.all(x, x[0] > 1)", ()),
        ("evidence.m.lowerAscii() == 'a'", ("lowerAscii",)),
        ("cel.bind(x, evidence.m, x > 1)", ("cel.bind",)),
        ("evidence.m.all(k, v, v > 1)", ("two-variable macro",)),
        ("evidence.?m.orValue(1) == 1", ("orValue", ".?")),
        ("math.greatest(1, 2) == 2", ("math.max",)),
    ],
)
def test_what_the_second_engine_lacks_is_told(source: str, missing: tuple[str, ...]) -> None:
    assert lacking(check(source, NAMES)) == missing


def test_every_extension_is_on() -> None:
    for source in (
        "'a'.upperAscii() == 'A'",
        "math.greatest(1, 2) == 2",
        "[3, 1].sort() == [1, 3]",
        "sets.contains([1, 2], [1])",
        "optional.of(1).hasValue()",
        "cel.bind(x, 1, x == 1)",
        "base64.encode(b'a') == 'YQ=='",
        "{'a': 1}.all(k, v, v == 1)",
        "regex.replace('ab', 'b', 'c') == 'ac'",
    ):
        engine = load_engine("cel-cpp")
        answer = engine.program(check(source, NAMES), NAMES).evaluate(engine.bind({}))
        assert answer.value is True, source
