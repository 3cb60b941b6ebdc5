"""Unquoted scalars: one meaning or a refusal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.policy.plain import WORDS, Ambiguous, read_plain


def words(text: str) -> list[str]:
    """The words of a text, for parametrize."""
    return text.split()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, True) for word in ("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON")],
        *[(word, False) for word in ("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF")],
        *[(word, None) for word in ("", "~", "null", "Null", "NULL")],
        ("0", 0),
        ("-0", 0),
        ("42", 42),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0.85", 0.85),
        ("-1.5", -1.5),
        ("1e-3", 0.001),
        ("1E+3", 1000.0),
        ("2.50e1", 25.0),
        ("0e0", 0.0),
        ("0.0e-9", 0.0),
    ],
)
def test_reads_null_booleans_and_plain_decimal_numbers(text: str, value: object) -> None:
    read = read_plain(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    words(
        """
        y n Y N tRUE nUll nan inf Infinity NaN 2026-01-01 2026-01-01T10:00:00Z 7d 24h 2.1.0 1.4.2-rc.1
        ^2 v1 1a 0xg 9f2c6ab 12:34:56:ab 8080:80 10:99 - . .. -- -x +x .x e5 1e 1e+ 0b2 127.0.0.1 ١٢
        1,000 1/2 50% sha256:00 = x
        """
    ),
)
def test_everything_else_is_its_own_text(text: str) -> None:
    assert read_plain(text) == text


@pytest.mark.parametrize(
    "text",
    words(
        """
        017 08 0123.5 -017 0o17 0O17 0x1F 0X1f 0b101 1_000 1_000.5 12:30 12:30:45 190:20:30.15 09:00 +1
        +1.5 .5 -.5 1. 1.e5 .inf -.inf +.Inf .INF .nan .NaN 1__ 1_ 00
        """
    ),
)
def test_what_yaml_versions_read_differently_is_refused(text: str) -> None:
    read = read_plain(text)
    assert isinstance(read, Ambiguous)
    assert text in read.message
    assert "Quote it" in read.remedy


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("9223372036854775808", "64 bits"),
        ("-9223372036854775809", "64 bits"),
        ("9" * 20000, "64 bits"),
        ("1e999", "too large"),
        ("-1e400", "too large"),
        ("12e4567", "too large"),
        ("1e-999", "too small"),
        ("0.0001e-400", "too small"),
    ],
)
def test_numbers_that_lose_their_value_are_refused(text: str, reason: str) -> None:
    read = read_plain(text)
    assert isinstance(read, Ambiguous)
    assert reason in read.message
    assert len(read.message) < 100


JSON_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"
# The resolvers of PyYAML (YAML 1.1) and of the YAML 1.2 core schema, as they stand in the specifications.
YAML_NUMBERS = r"""(?x)
    [-+]?0b[0-1_]+ | [-+]?0[0-7_]+ | [-+]?(0|[1-9][0-9_]*) | [-+]?0x[0-9a-fA-F_]+ | [-+]?[1-9][0-9_]*(:[0-5]?[0-9])+
  | [-+]?([0-9][0-9_]*)\.[0-9_]*([eE][-+]?[0-9]+)? | [-+]?\.[0-9][0-9_]*([eE][-+][0-9]+)?
  | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]* | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)
  | [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ | [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
"""


@given(
    st.from_regex(re.compile(YAML_NUMBERS), fullmatch=True)
    | st.from_regex(JSON_NUMBER, fullmatch=True)
    | st.text(alphabet="0123456789+-._:eExXoObBinfadN", min_size=1, max_size=12)
)
def test_no_number_of_any_yaml_passes_as_text(text: str) -> None:
    read = read_plain(text)
    if re.fullmatch(JSON_NUMBER, text):
        assert isinstance(read, int | float | Ambiguous)
    elif re.fullmatch(YAML_NUMBERS, text):
        assert isinstance(read, Ambiguous)
    elif text not in WORDS and not isinstance(read, Ambiguous):
        assert read == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1))
def test_a_number_as_json_writes_it_reads_as_itself(number: float) -> None:
    read = read_plain(repr(number).replace("e+", "e"))
    assert read == number
    assert type(read) is type(number)
