"""toml-path: one string of a TOML file, byte for byte."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import ManifestError
from tests.manifests.editing import NAME, NEW, PINS, URI, edit, impossible, now, refused

IMAGE = f'"{NAME}:1.0"'


@pytest.mark.parametrize(
    ("row", "old", "new"),
    [
        ({"pin": "tag"}, f"a = {IMAGE} # {IMAGE}\n", f'a = "{NAME}:1.4.2" # {IMAGE}\n'),
        ({"pin": "digest"}, f"\ufeff# é\r\na='{NAME}:1.0'\r\n", f"\ufeff# é\r\na='{NAME}@{NEW}'\r\n"),
        ({"pin": "tag"}, 'a = "registry.example/ch\\u0075rn:1"', f'a = "{NAME}:1.4.2"'),
        ({"at": ".x.y.a", "write": "tag"}, '[x]\ny.a = "v"\n[z]\na = "v"\n', '[x]\ny.a = "1.4.2"\n[z]\na = "v"\n'),
        ({"at": ".x[1].a", "write": "tag"}, '[[x]]\na = "v"\n[[x]]\na = "v"\n', '[[x]]\na = "v"\n[[x]]\na = "1.4.2"\n'),
        (
            {"at": ".x[n=b].a", "write": "tag"},
            '[[x]]\nn = "v"\n[[x]]\nn = "b"\na = "v"\n',
            '[[x]]\nn = "v"\n[[x]]\nn = "b"\na = "1.4.2"\n',
        ),
        (
            {"at": ".x[1]", "write": "tag"},
            'x = [ # "v"\n  "v",\n  "v", # c\n]\n',
            'x = [ # "v"\n  "v",\n  "1.4.2", # c\n]\n',
        ),
        ({"at": ".x[0][1]", "write": "tag"}, 'x = [\n  ["v", "v"],\n]\n', 'x = [\n  ["v", "1.4.2"],\n]\n'),
        ({"at": '."v".v', "write": "tag"}, '["v"]\n"v" = "v"\n', '["v"]\n"v" = "1.4.2"\n'),
        ({"at": ".x.a", "write": "tag"}, 'x = { b = 1, a = "v" }\n', 'x = { b = 1, a = "1.4.2" }\n'),
        ({"at": ".b", "write": "tag"}, 'a = """\nb = "v"\n"""\nb = "v"\n', 'a = """\nb = "v"\n"""\nb = "1.4.2"\n'),
        (
            {"at": ".b", "write": "tag"},
            "a = '''\nb = \"v\" # '''\nb = 'v'\n",
            "a = '''\nb = \"v\" # '''\nb = '1.4.2'\n",
        ),
        ({"at": ".b", "write": "tag"}, 'a = """x""""\nb = "v"\n', 'a = """x""""\nb = "1.4.2"\n'),
        ({"write": "tag"}, 'a = ""\n', 'a = "1.4.2"\n'),
        (
            {"write": "model-uri"},
            "a = 'gs://x'\nb = 1979-05-27T07:32:00Z\nc = nan\n",
            f"a = '{URI}'\nb = 1979-05-27T07:32:00Z\nc = nan\n",
        ),
    ],
)
def test_edits(row: dict[str, Any], old: str, new: str) -> None:
    assert edit("toml-path", old, **{"at": ".a", **row}).text == new


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('b = 1\na = "other/x:1"', f"m:2:5: other/x stands here, not {NAME}"),
        ('a = "${x}"', "m:1:5: a variable stands here"),
        ("a = 1", "m: .a: no string stands here"),
        ("b = 1", "m: .a: there is no 'a' here, only 'b'"),
        ("", "there is no 'a' here, only nothing"),
        (f'a = """{NAME}:1"""', "m: .a: the string here is not written on one line"),
        (f"a = '''\n{NAME}:1'''", "not written on one line"),
        ("a = 1\nb = ?\n", "m:2:5: not TOML: "),
        ('a = "x', "not TOML"),
        ("a = {", "not TOML"),
        ("a = " + "[" * 5000, "not TOML"),
        ("a = " + "[" * 150 + "]" * 150, "nested deeper than 100"),
        (".".join(["a"] * 500) + " = 1", "a key has more than 32 parts"),
        (
            "[b." + ".".join(["b"] * 29) + "]\n" + "c." * 29 + "d = {" + "e." * 29 + "f = {" + "g." * 29 + "h = 1}}",
            "nested deeper than 100",
        ),
        ("a = " + "9" * 5000, "too deep or too large"),
        ("a = 0x" + "f" * 9000 + '\nb = "v"', "no string stands here"),
        ("#" * (1024 * 1024 + 1), "larger than"),
    ],
)
def test_refusals(text: str, said: str) -> None:
    refused("toml-path", text, said, at=".a")


def test_what_cannot_be_asked() -> None:
    impossible("toml-path", "", "at: is required")
    impossible("toml-path", "", "a TOML file is one document", at="[0].a")
    impossible("toml-path", "", "nothing is added to a TOML file", at=".a", add=True)
    impossible("toml-path", 'a = "v"', "pin is digest", at=".a", write="tag", pin="digest")


def test_the_current_image() -> None:
    assert now("toml-path", f"a = {IMAGE}", at=".a") == f"{NAME}:1.0"
    assert now("toml-path", 'a = "7"', at=".a", write="tag") == f"{NAME}:7"
    assert now("toml-path", 'a = ""', at=".a", write="tag") is None
    with pytest.raises(ManifestError, match=r"^m:1:5: no tag stands here"):
        now("toml-path", 'a = "a b"', at=".a", write="tag")


def test_many_strings_that_say_the_same_are_no_burden() -> None:
    text = "".join(f'[[x]]\nv = "1.0"\nw = "{number}"\n' for number in range(5000))
    new = edit("toml-path", text, at=".x[4998].v", write="tag").text
    assert new == text.replace('v = "1.0"\nw = "4998"', 'v = "1.4.2"\nw = "4998"')


bare = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
scalars = st.sampled_from(
    [IMAGE, f"'{NAME}:1.0'", "1", "1.0", "true", "1979-05-27", '"#"', "'\"'", '"""a\n"b"""', "'''#'''"]
)


@given(
    st.lists(
        st.tuples(bare, scalars, st.sampled_from(["", " # 'c", ' # "'])), min_size=1, unique_by=lambda each: each[0]
    ),
    st.data(),
)
def test_only_the_string_changes(lines: list[tuple[str, str, str]], data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(["", "[t]\n", f"[t.{IMAGE}]\n"]))
    pin = data.draw(st.sampled_from(PINS))
    index = data.draw(st.integers(0, len(lines) - 1))
    lines[index] = ("image", *lines[index][1:])
    texts = [f"{key} = {value}{comment}\n" for key, value, comment in lines]
    place = {"": ".image", "[t]\n": ".t.image"}.get(table, f".t.{IMAGE}.image")
    head, tail = table + "".join(texts[:index]), "".join(texts[index + 1 :])
    if NAME not in texts[index].partition("#")[0]:
        with pytest.raises(ManifestError):
            edit("toml-path", head + texts[index] + tail, pin, at=place)
        return
    new = edit("toml-path", head + texts[index] + tail, pin, at=place).text
    written = f"{NAME}{'' if pin == 'digest' else ':1.4.2'}{'' if pin == 'tag' else '@' + NEW}"
    assert new == head + texts[index].replace(f"{NAME}:1.0", written, 1) + tail
    tomllib.loads(new)
