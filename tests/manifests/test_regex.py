"""regex: the text of the one named group, found in time that grows with the text alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import ManifestError
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.manifests.linear import MAX_STEPS, matches
from gatekeeper.manifests.pattern import Pattern, PatternError
from gatekeeper.manifests.regex import edit as edit_once
from gatekeeper.model.image import parse_image
from tests.manifests.editing import NAME, NEW, OLD, PINS, URI, edit, impossible, now, refused

HCL = r'image\s*=\s*"(?P<image>[^"]+)"'
ENV = r"^TAG=(?P<tag>\S*)$"


@pytest.mark.parametrize(
    ("at", "row", "old", "new"),
    [
        (HCL, {"pin": "tag"}, f'x {{\n  image   = "{NAME}:1" # c\n}}\n', f'x {{\n  image   = "{NAME}:1.4.2" # c\n}}\n'),
        (HCL, {"pin": "digest"}, f'image="{NAME}:1"', f'image="{NAME}@{NEW}"'),
        (ENV, {}, "A=1\r\nTAG=v1\r\nB=2\r\n", "A=1\r\nTAG=1.4.2\r\nB=2\r\n"),
        (ENV, {}, "TAG=", "TAG=1.4.2"),
        (ENV, {"write": "tag", "pin": "tag"}, f"TAG=v1@{OLD}\n", "TAG=1.4.2\n"),
        (
            r"name: churn\n\s+tag: (?P<tag>[\w.]+)",
            {},
            "name: a\n  tag: v\nname: churn\n  tag: v\n",
            "name: a\n  tag: v\nname: churn\n  tag: 1.4.2\n",
        ),
        (r"^FROM .*@(?P<digest>sha256:[0-9a-f]{64})", {}, f"FROM x@{OLD} AS y\n", f"FROM x@{NEW} AS y\n"),
        (r"\$repo = '(?P<name>[^']*)'", {}, "$repo = 'old/x'", f"$repo = '{NAME}'"),
        (r"uri: (?P<uri>\S+)", {}, "uri: gs://x\n", f"uri: {URI}\n"),
    ],
)
def test_edits(at: str, row: dict[str, Any], old: str, new: str) -> None:
    assert edit("regex", old, at=at, **row).text == new


@pytest.mark.parametrize(
    ("at", "text", "said"),
    [
        (HCL, "image = 1\n", "m: the expression fits nowhere"),
        (HCL, f'a\nimage = "{NAME}"\nimage = "x"\n', "m: the expression fits at 2:1 and 3:1, and must once"),
        (HCL, 'a\n image = "x/y:1"\n', f"m:2:11: x/y stands here, not {NAME}"),
        (HCL, 'image = "${x}"\n', "m:1:10: a variable stands here"),
        (HCL, 'image = "a b"\n', "is not an image reference"),
        (r"a|b(?P<tag>c)", "a", "m:1:1: the expression fits here without its group tag"),
        (r"tag: (?P<tag>v)", "tag: v", "would not find the new text"),
        (r"(?P<tag>v)1|2", "v1", "would not find the new text here, and nowhere else"),
        (r"(?:a|a|a?)+(?P<tag>x)", "a" * (1 << 20), "too much work"),
        (HCL, "x" * (1024 * 1024 + 1), "larger than"),
    ],
)
def test_refusals(at: str, text: str, said: str) -> None:
    refused("regex", text, said, at=at)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (None, "at: is required"),
        ("a" * 1001, "longer than 1000"),
        ("(?P<tag>a)(?P<name>b)", "character 11: it has more than one named group"),
        ("tag", "it has no named group"),
        ("(tag)", "it has no named group"),
        ("(?P<other>a)", "the group is called other, not one of image, name, tag, digest, uri"),
        ("(?P<tag>a*)", "it matches nothing at all"),
        ("(?P<tag>a)*b", "the named group cannot be repeated"),
        ("(?:x(?P<tag>a))?b", "the named group cannot be repeated"),
        (r"(?P<tag>a)\1", "this escape is not known"),
        (r"(?P<tag>a)\A", "this escape is not known"),
        (r"(?P<tag>[\A])", "what stands in this class"),
        ("(?P<tag>[a)", "this class does not end"),
        ("(?P<tag>[z-a])", "this class: bad character range"),
        ("(?P<tag>[[a]])", "this class does not end, or holds a ["),
        ("(?P<tag>[a--b])", "what stands in this class"),
        ("(?=a)(?P<tag>a)", "this kind of group is not known"),
        ("(?i)(?P<tag>a)", "this kind of group is not known"),
        ("(?P=tag)", "this kind of group is not known"),
        ("(?P<tag>a", "a ( is not closed"),
        ("(?P<tag>a))", "this ) closes nothing"),
        ("*(?P<tag>a)", "there is nothing to repeat"),
        ("x{(?P<tag>a)", r"write \{ for the letter"),
        ("x{,2}(?P<tag>a)", r"write \{ for the letter"),
        ("x++(?P<tag>a)", "a repeat of a repeat"),
        ("x{2}{2}(?P<tag>a)", "a repeat of a repeat"),
        ("x{3,2}(?P<tag>a)", "this cannot be repeated so"),
        ("x{1001}(?P<tag>a)", "at most 1000 times"),
        ("^*(?P<tag>a)", "this cannot be repeated so"),
        ("(?:x{999}){999}(?P<tag>a)", "more than 2000 states"),
        ("(?:" * 5 + ")" + "{1000})" * 4 + "(?P<tag>a)", "repeats more than can be followed"),
        ("(?:" * 30 + "a" + ")" * 30 + "(?P<tag>a)", "nested deeper than 20"),
    ],
)
def test_expressions_that_cannot_be_used(at: str | None, said: str) -> None:
    impossible("regex", "a", said, at=at)


def test_what_cannot_be_asked() -> None:
    impossible("regex", "TAG=v", "the group is called tag, but write is image", at=ENV, write="image")
    impossible("regex", "TAG=v", "cannot follow add: true", at=ENV, add=True)
    impossible("regex", "TAG=v", "cannot follow container: x", at=ENV, container="x")
    impossible("regex", "TAG=v", "pin is digest", at=ENV, pin="digest")


@pytest.mark.parametrize("uri", ['s3://a"b', "s3://a b", "s3://a#b", "s3://$a", "s3://a'b", "s3://a\\b", "s3://é"])
def test_a_uri_that_could_end_a_string_is_not_written(uri: str) -> None:
    wish = Wish(image=parse_image(f"{NAME}:1@{NEW}"), pin="tag", model_uri=uri)
    with pytest.raises(Exception, match="cannot stand in a file of unknown kind"):
        edit_once("uri: s3://x\n", Target(file="m", image=NAME, at=r"uri: (?P<uri>\S+)"), wish)


def test_the_current_image() -> None:
    assert now("regex", f'image = "{NAME}:1.0"', at=HCL) == f"{NAME}:1.0"
    assert now("regex", "TAG=7", at=ENV) == f"{NAME}:7"
    assert now("regex", "TAG=", at=ENV) is None
    with pytest.raises(ManifestError, match=r"^m:1:5: no tag stands here"):
        now("regex", "TAG=a/b", at=ENV)


# Repeats of single letters and plain groups only: with more, Python's own engine may take forever.
letters = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\s", r"\n", "(?:a|bc)", "(?:ab?)", "(?:b|a|c)"])
repeated = st.builds(
    "".join, st.tuples(letters, st.sampled_from(["", "*", "+", "?", "*?", "+?", "??", "{1,2}", "{2}", "{1,}"]))
)
pieces = st.lists(repeated | st.sampled_from(["^", "$", r"\b", "(?:a+|b)?"]), max_size=3).map("".join)
branches = st.builds(lambda one, other: f"(?:{one}|{other})", pieces, pieces) | pieces


@given(branches, branches, branches, st.text("aabbc \n", max_size=14))
def test_it_finds_what_the_standard_library_finds(before: str, group: str, behind: str, text: str) -> None:
    expression = f"{before}(?P<tag>{group}){behind}"
    try:
        pattern = Pattern(expression)
    except PatternError as fault:
        assert "nothing at all" in str(fault)  # noqa: PT017 - all that such expressions may meet
        return
    expected = [(*found.span(), *found.span("tag")) for found in re.finditer(expression, text, re.MULTILINE)]
    assert [tuple(found) for found in matches(pattern, text, 100)] == expected


def test_lines_may_end_in_two_letters() -> None:
    found = matches(Pattern(r"^a.(?P<tag>.*)$"), "abc\r\nad\r\n", 5)
    assert [(each.start, each.end, each.group_end) for each in found] == [(0, 3, 3), (5, 7, 7)]


@pytest.mark.parametrize(
    "expression", [r"(?:a+)+(?P<tag>b)", r"(?:a|a|aa)*(?P<tag>b)", r".*.*.*.*(?P<tag>b)", r"a[^b]*(?P<tag>b)"]
)
def test_what_would_take_others_forever_grows_with_the_text(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within forty steps for each letter: measured in steps, not in time."""
    monkeypatch.setattr("gatekeeper.manifests.linear.MAX_STEPS", 40 * 5000)
    assert matches(Pattern(expression), "a" * 5000, 2) == []
    assert MAX_STEPS <= 5_000_000


@given(st.text(max_size=60), st.sampled_from(PINS))
def test_any_text_is_edited_or_refused(text: str, pin: Any) -> None:
    text = f"{text}\nTAG=v1\n"
    if pin == "digest" or len(re.findall(r"(?m)^TAG=\S*\r?$", text)) > 1:
        return
    assert edit("regex", text, pin, at=ENV).text == text.removesuffix("v1\n") + "1.4.2\n"
