"""The strict door for JSON: whatever it lets in, every reader reads alike."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence import jsontext
from gatekeeper.evidence.jsontext import MAX_DEPTH, parse_json

REFUSED = {
    '{"a": 1, "a": 2}': "the key 'a' stands twice in one object",
    '{"a": 1, "\\u0061": 2}': "the key 'a' stands twice in one object",
    '{"x": {"a" : 1, "b": ":", "a": 2}}': "the key 'a' stands twice in one object",
    '{"a":1,"a":2,"x":"\\u003a"}': "the key 'a' stands twice in one object",
    '{"a":":8080","b\\\\":1,"b\\\\":2}': "the key 'b\\\\' stands twice in one object",
    '{"a": NaN}': "the number at 'a' is not finite",
    '{"a": [1, -Infinity]}': "the number at 'a[1]' is not finite",
    '{"a": {"b": 1e999}}': "the number at 'a.b' is not finite",
    '{"a": 1180591620717411303424}': "the number at 'a' does not fit in 64 bits",
    '{"a":[-9223372036854775809]}': "the number at 'a[0]' does not fit in 64 bits",
    "9223372036854775808": "the number at '' does not fit in 64 bits",
    '{"a": ' + "9" * 5000 + "}": "the number at 'a' does not fit in 64 bits",
    '{"a": "\\u0000"}': "the report holds U+0000",
    '{"a": "\\\\\\u0000"}': "the report holds U+0000",
    '{"\\u0000": 1}': "the report holds U+0000",
    '{"a": "\\ud800"}': "the text at 'a' holds half of a surrogate pair",
    '{"a": "\\udc00\\ud800"}': "the text at 'a' holds half of a surrogate pair",
    '{"\\ud800": 1}': "the text at '\\ud800' holds half of a surrogate pair",
    '{"a": 1} x': "not JSON: broken at line 1, column 10",
    '{"a":\n1': "not JSON: cut off at line 2, column 2",
    "{'a': 1}": "not JSON: broken at line 1, column 2",
    "": "not JSON: cut off at line 1, column 1",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refuses_what_readers_could_read_apart_and_names_the_place(text: str) -> None:
    with pytest.raises(EvidenceError) as refusal:
        parse_json(text.encode())
    assert refusal.value.message == REFUSED[text]


ACCEPTED = [
    '{"a": "\\\\u0000"}',
    '{"a": "\\\\ud800 \\ud83d\\ude00"}',
    '{"a:b": ":", ":": {"\\"": 1, "\\":": 2, "a\\\\" : 3}}',
    '[":", "\\\\", "\\n\\":", {",":1}]',
    "[9223372036854775807, -9223372036854775808, 12345678901234567890.5, 1e-400, -0.0]",
    '{"digest": "1077676739877232640", "list": [1077676739877232640]}',
    '["\u00e9\u65e5\U0001f600\U0010fffe", ""]',
    "\ufeff[1]",
    "{}",
    " null\n",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepts_what_only_looks_like_a_fault(text: str) -> None:
    assert repr(parse_json(text.encode())) == repr(json.loads(text.removeprefix("\ufeff")))


@pytest.mark.parametrize("data", [b'["\xff"]', b'{"\xed\xa0\x80": 1}', '{"a": 1}'.encode("utf-16"), b'{"a\x00": 1}'])
def test_refuses_other_encodings(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        parse_json(data)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_the_depth_is_bounded_exactly(opening: str, closing: str) -> None:
    parse_json(f"{opening * (MAX_DEPTH - 1)}[]{closing * (MAX_DEPTH - 1)}".encode())
    for depth in (MAX_DEPTH, 5000, 200_000):
        with pytest.raises(EvidenceError, match="nested"):
            parse_json(f"{opening * depth}[]{closing * depth}".encode())


def test_a_path_in_a_reason_is_short_and_printable() -> None:
    with pytest.raises(EvidenceError) as refusal:
        parse_json(json.dumps({"\x1b[31m::error::<script>" * 50: float("nan")}).encode())
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200


DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([":", '"', "\\", '\\":', "\0"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(member) for key, member in value.items())
    if isinstance(value, list):
        return all(_is_plain(member) for member in value)
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, float):
        return isfinite(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@given(DOCUMENTS, st.booleans(), st.sampled_from([(",", ":"), (" , ", " : "), (", ", "\n:")]))
def test_reads_what_the_standard_library_reads_or_refuses(document: Any, escaped: bool, marks: tuple[str, str]) -> None:
    text = json.dumps(document, ensure_ascii=escaped, separators=marks).encode("utf-8", "surrogatepass")
    if _is_plain(document):
        assert repr(parse_json(text)) == repr(json.loads(text))
    else:
        with pytest.raises(EvidenceError):
            parse_json(text)


KEYS = st.sampled_from(["a", "b", ":", '\\"', "\\\\", "\\u0061", 'a\\\\\\":', ""])


@given(st.lists(st.tuples(KEYS, st.sampled_from(["1", '":"', '"\\":"', '{"a":1}', '[{"b" :2}]'])), max_size=6))
def test_a_repeated_key_is_always_found(members: list[tuple[str, str]]) -> None:
    text = "{" + ",".join(f'"{key}":{value}' for key, value in members) + "}"
    if len({json.loads(f'"{key}"') for key, _ in members}) == len(members):
        assert parse_json(text.encode()) == json.loads(text)
    else:
        with pytest.raises(EvidenceError, match="stands twice"):
            parse_json(text.encode())


@given(st.binary(max_size=40) | st.text(alphabet='{}[]":,\\u0d8e.-+1n ', max_size=30).map(str.encode))
def test_never_fails_in_another_way(data: bytes) -> None:
    try:
        document = parse_json(data)
    except EvidenceError:
        return
    assert _is_plain(document)
    assert repr(document) == repr(json.loads(data.removeprefix(b"\xef\xbb\xbf")))


@given(
    st.lists(
        st.tuples(KEYS, st.sampled_from(["1", '":"', '"\\\\\\\\"', '"\\"\\":"', "9223372036854775808"])), max_size=6
    ),
    st.integers(1, 9),
)
def test_the_answer_does_not_depend_on_where_a_large_text_is_cut(members: list[tuple[str, str]], size: int) -> None:
    data = ("{" + ",".join(f'"{key}": {value}' for key, value in members) + "}").encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsontext, "_CHUNK", size)
        cut = _outcome(data)
    assert cut == _outcome(data)


def _outcome(data: bytes) -> Any:
    try:
        return parse_json(data)
    except EvidenceError as refusal:
        return refusal.message


def test_the_path_to_a_fault_is_bounded_while_it_is_looked_for() -> None:
    wide = {"k" * 100_000: {str(index): index for index in range(2000)}, "last": float("nan")}
    with pytest.raises(EvidenceError, match="the number at 'last' is not finite"):
        parse_json(json.dumps(wide).encode())
