"""kustomize's images: one entry changes as asked, and not one byte elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.kustomize import current, edit
from gatekeeper.model.environment import Pin
from gatekeeper.model.image import parse_image
from tests.corpus import CORPUS

OLD = "sha256:" + "b" * 64
NEW = "sha256:" + "a" * 64
NAME = "registry.example/churn"
IMAGE = parse_image(f"{NAME}:1.4.2@{NEW}")
PINS: list[Pin] = ["tag", "digest", "tag+digest"]


def set_image(text: str, pin: Pin = "tag+digest", image: str = NAME, new: Any = IMAGE) -> Edited:
    return edit(text, Target(file="k.yaml", image=image), Wish(image=new, pin=pin))


@pytest.mark.parametrize(
    ("old", "pin", "new"),
    [
        pytest.param(
            f"images:\n- name: {NAME}\n  newTag: 1.4.1 # by hand\n  digest: {OLD}  # and this\n",
            "tag+digest",
            f"images:\n- name: {NAME}\n  newTag: 1.4.2 # by hand\n  digest: {NEW}  # and this\n",
            id="both-replaced-comments-stay",
        ),
        pytest.param(
            f"images:\n- name: {NAME}\n  newTag: 1.4.1 # by hand\n  digest: {OLD}\n# end\n",
            "tag",
            f"images:\n- name: {NAME}\n  newTag: 1.4.2 # by hand\n# end\n",
            id="tag-takes-the-digest-away",
        ),
        pytest.param(
            f"images:\n  -   name: {NAME}\n      newTag: 1.4.1\nother: 1\n",
            "digest",
            f"images:\n  -   name: {NAME}\n      digest: {NEW}\nother: 1\n",
            id="digest-takes-the-tag-away",
        ),
        pytest.param(
            f"images:\n- name: {NAME} # us",
            "tag+digest",
            f"images:\n- name: {NAME} # us\n  newTag: 1.4.2\n  digest: {NEW}",
            id="both-added-no-final-newline",
        ),
        pytest.param(
            f"images:\n- name: {NAME}\n  newTag: 1.4.1\n  digest: {OLD}",
            "tag",
            f"images:\n- name: {NAME}\n  newTag: 1.4.2",
            id="last-line-removed-no-final-newline",
        ),
        pytest.param(
            f"images:\r\n- name: '{NAME}'\r\n  newTag: '1.4.1'\r\n",
            "tag+digest",
            f"images:\r\n- name: '{NAME}'\r\n  newTag: '1.4.2'\r\n  digest: {NEW}\r\n",
            id="crlf-and-quotes-stay",
        ),
        pytest.param(
            f"\ufeff# é \U0001f600\nimages:\n- digest: {OLD}\n  name: {NAME}\n",
            "tag",
            f"\ufeff# é \U0001f600\nimages:\n- name: {NAME}\n  newTag: 1.4.2\n",
            id="bom-and-first-key-removed",
        ),
        pytest.param(
            f'{{"images": [{{"name": "{NAME}", "newTag": "1"}}]}}\n',
            "tag+digest",
            f'{{"images": [{{"name": "{NAME}", "newTag": "1.4.2", "digest": "{NEW}"}}]}}\n',
            id="json",
        ),
        pytest.param(
            f"images: [{{digest: {OLD}, name: {NAME}}}]\n",
            "tag",
            f"images: [{{name: {NAME}, newTag: 1.4.2}}]\n",
            id="flow-first-removed",
        ),
        pytest.param(
            f"images:\n- name: model\n  newName: {NAME}\n  newTag:\n",
            "tag+digest",
            f"images:\n- name: model\n  newName: {NAME}\n  newTag: 1.4.2\n  digest: {NEW}\n",
            id="empty-value-filled-found-by-new-name",
        ),
        pytest.param(
            f"# first\n---\nkind: Kustomization\nimages:\n- name: {NAME}\n  newTag: '1'\n---\nother: 1\n",
            "tag",
            f"# first\n---\nkind: Kustomization\nimages:\n- name: {NAME}\n  newTag: '1.4.2'\n---\nother: 1\n",
            id="first-document-of-two",
        ),
    ],
)
def test_edits(old: str, pin: Pin, new: str) -> None:
    edited = set_image(old, pin)
    assert edited.text == new
    assert set_image(new, pin).text == new
    assert edited.after == f"{NAME}{'' if pin == 'digest' else ':1.4.2'}{'' if pin == 'tag' else '@' + NEW}"


def test_the_repository_is_set_where_another_would_be_deployed() -> None:
    assert set_image("images:\n- name: model\n  newTag: 1\n", "tag", "model").text == (
        f"images:\n- name: model\n  newName: {NAME}\n  newTag: 1.4.2\n"
    )
    assert set_image("images:\n- name: model\n  newName: old.example/x\n", "tag", "model").text == (
        f"images:\n- name: model\n  newName: {NAME}\n  newTag: 1.4.2\n"
    )


def test_an_entry_is_not_found_by_a_name_that_the_edit_takes_away() -> None:
    """The next promotion would not find it any more."""
    with pytest.raises(ManifestError, match=r"k.yaml:2:3: old.example/x is this entry's newName"):
        set_image("images:\n- name: model\n  newName: old.example/x\n", "tag", "old.example/x")


def test_names_are_compared_after_dockers_normalisation() -> None:
    new = parse_image(f"redis:7@{NEW}")
    old = "images:\n- name: docker.io/library/redis\n  newTag: '6'\n"
    assert set_image(old, "tag", "redis", new).text == old.replace("6", "7")
    assert str(current(old, Target(file="k", image="redis"))) == "docker.io/library/redis:6"


@pytest.mark.parametrize(
    "tag",
    [
        *["1.10", "1e5", "12e4567", "0x12", "0o17", "017", "0b1", "1_000", "_1", "_", "1", "1.", "9" * 22],
        *["null", "True", "on", "y", "nan", "2026-11-20"],
    ],
)
def test_a_tag_that_reads_as_another_type_is_quoted(tag: str) -> None:
    new = parse_image(f"{NAME}:{tag}@{NEW}")
    assert set_image(f"images:\n- name: {NAME}\n  newTag: v1\n", "tag", NAME, new).text.endswith(f'newTag: "{tag}"\n')
    assert set_image(f"images:\n- name: {NAME}\n  newTag: {tag}\n", "tag", NAME, new).text.endswith(f'"{tag}"\n')


def test_a_tag_that_reads_as_a_string_is_not_quoted() -> None:
    for tag in ["1.4.2", "v1", "2026.11.20", "a1b2c3d", "1.4.2-rc.1", "20261120T1"]:
        new = parse_image(f"{NAME}:{tag}@{NEW}")
        assert set_image(f"images:\n- name: {NAME}\n  newTag: x\n", "tag", NAME, new).text.endswith(f"Tag: {tag}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("resources: []\n", "add this one:\n  images:\n    - name: registry.example/churn"),
        ("", "add this one"),
        (f"images:\n- name: {NAME}\n- name: x\n  newName: {NAME}\n", "k.yaml:3:3: 2 entries"),
        (f"images:\n- name: {NAME}\n  name: {NAME}\n", "k.yaml:3:3: the key 'name' stands twice"),
        (f"a: 1\na: 1\nimages:\n- name: {NAME}\n", "k.yaml:2:1: the key 'a' stands twice"),
        (f"images:\n- name: {NAME}\n  newTag: {{{{ .tag }}}}\n", "k.yaml:3:11: the file is a template"),
        (f"images:\n- &e\n  name: {NAME}\n- *e\n", "used in several places"),
        (f"x: &t 1.0.0\nimages:\n- name: {NAME}\n  newTag: *t\n", "used in several places"),
        (f"images:\n- name: {NAME}\n  newTag: &t v1\n", "k.yaml:3:11: newTag has an anchor"),
        (f"images:\n- name: {NAME}\n  newTag: !!str 1\n", "has an anchor or a tag"),
        (f"x: &m {{newTag: v1}}\nimages:\n- name: {NAME}\n  <<: *m\n", "merge key"),
        (f"x: &l [{{name: {NAME}}}]\nimages: *l\n", "used in several places"),
        (f"images:\n- name: {NAME}\n  newTag: |\n    v1\n", "not a scalar on one line"),
        (f"images:\n- name: {NAME}\n  newTag: [1]\n", "newTag is no scalar"),
        (f"images:\n- digest: {OLD}\n  # why\n  name: {NAME}\n", "a comment would be lost"),
        (f"images: {{name: {NAME}}}\n", "images: is not a list"),
        ("images:\n- newTag: v1\n", "has no name"),
        (f"kind: [Kustomization]\nimages:\n- name: {NAME}\n", "not a Kustomization or Component"),
        (f"kind: Deployment\nimages:\n- name: {NAME}\n", "kind is Deployment"),
        (f"apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nimages:\n- name: {NAME}\n", "own files"),
        (f"---\n# nothing\n---\nimages:\n- name: {NAME}\n", "k.yaml:5:3: kustomize reads the first document only"),
        (f"images:\n- name: {NAME}\n  newtag: v1\n", "k.yaml:3:3: kustomize takes newtag for newTag"),
        (f"images:\n- name: {NAME}\nImages: []\n", "k.yaml:3:1: kustomize takes Images for images"),
        (f"images:\n- name: {NAME}\nimageTags: []\n", "k.yaml:3:1: kustomize takes imageTags for images"),
        (f"images:\n- ? name\n  : {NAME}\n  ? digest\n  : {OLD}\n", "digest does not begin its line"),
        ("- a\n", "no mapping"),
        ("a: [\n", "k.yaml:2:1: not YAML"),
        ("a: \t- b\n\tc: d\n", "not YAML"),
        ("a: " + "[" * 500 + "]" * 500, "nested deeper"),
        ("a: " + "[" * 50000 + "]" * 50000, "not YAML"),
        ("a: \x07\n", "not YAML"),
        ("? [a]\n: 1\n", "a key that is no scalar"),
        ("x: " + "y" * 1024 * 1024, "larger than"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(ManifestError) as refused:
        set_image(text, "tag")
    assert said in str(refused.value)


def test_aliases_that_multiply_are_refused_quickly() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(ManifestError, match="multiply"):
        set_image(bomb + f"images:\n- name: {NAME}\n")


def test_anchors_elsewhere_stay() -> None:
    text = f"x: &a [1, 2]\ny: *a\nimages:\n- name: {NAME}\n  newTag: v1\n"
    assert set_image(text, "tag").text == text.replace("v1", "1.4.2")


def test_what_the_pin_asks_and_the_image_lacks() -> None:
    text = f"images:\n- name: {NAME}\n  newTag: v1\n"
    untagged, undigested = parse_image(f"{NAME}@{NEW}"), parse_image(f"{NAME}:v2")
    with pytest.raises(InvalidRequestError, match="pin is tag"):
        set_image(text, "tag", NAME, untagged)
    with pytest.raises(InvalidRequestError, match="no digest"):
        set_image(text, "digest", NAME, undigested)
    edited = set_image(text, "tag+digest", NAME, untagged)
    assert edited.text == f"images:\n- name: {NAME}\n  digest: {NEW}\n"
    assert "digest alone" in edited.notes[0]


def test_the_current_image() -> None:
    def now(text: str) -> str | None:
        image = current(text, Target(file="k", image=NAME))
        return None if image is None else str(image)

    assert now(f"images:\n- name: {NAME}\n  newTag: 1.10\n  digest: {OLD}\n") == f"{NAME}:1.10@{OLD}"
    assert now(f"images:\n- name: m\n  newName: {NAME}\n  newTag: v1\n") == f"{NAME}:v1"
    assert now(f"images:\n- name: {NAME}\n") is None
    assert now("resources: []\n") is None
    with pytest.raises(ManifestError, match="not an image reference"):
        now(f"images:\n- name: {NAME}\n  newTag: 'a b'\n")


def add(text: str, pin: Pin = "tag", new: Any = IMAGE, image: str = NAME) -> str:
    """Edit as a row with `add: true` asks."""
    target = Target(file="k.yaml", image=image, add=True)
    edited = edit(text, target, Wish(image=new, pin=pin))
    assert edit(edited.text, target, Wish(image=new, pin=pin)).text == edited.text
    return edited.text


ADDED = f"- name: {NAME}\n  newTag: 1.4.2\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("resources: []\n", f"resources: []\nimages:\n{ADDED}"),
        ("resources: []\n# end", f"resources: []\n# end\nimages:\n{ADDED.rstrip()}"),
        ("resources: []\r\n", f"resources: []\nimages:\n{ADDED}".replace("\n", "\r\n")),
        ("images:\nx: 1\n", f"images:\n{ADDED}x: 1\n"),
        (
            "images: # c\n- name: a\n  newTag: x # d\n# e\nx: 1\n",
            f"images: # c\n- name: a\n  newTag: x # d\n{ADDED}# e\nx: 1\n",
        ),
        ("images:\n- name: a\n  newTag:\n", f"images:\n- name: a\n  newTag:\n{ADDED}"),
        ("images:\n- {name: a}\n", f"images:\n- {{name: a}}\n{ADDED}"),
        ("images:\n  -   name: a", f"images:\n  -   name: a\n  -   name: {NAME}\n      newTag: 1.4.2"),
        ("images: []\n", f"images: [{{name: {NAME}, newTag: 1.4.2}}]\n"),
        ("images: [{name: a}]\n", f"images: [{{name: a}}, {{name: {NAME}, newTag: 1.4.2}}]\n"),
        ('{"images":[{"name":"a"}]}', f'{{"images":[{{"name":"a"}}, {{"name": "{NAME}", "newTag": "1.4.2"}}]}}'),
        ('{"a":1}', f'{{"a":1, "images": [{{"name": "{NAME}", "newTag": "1.4.2"}}]}}'),
        ("a: |+\n  x\n\n", f"a: |+\n  x\n\nimages:\n{ADDED}"),
        ("a: 1\n--- # second\nb: 1\n", f"a: 1\nimages:\n{ADDED}--- # second\nb: 1\n"),
        ("---\na: 1\n...\n", f"---\na: 1\nimages:\n{ADDED}...\n"),
        (f"images:\n- name: {NAME}\n  newTag: x\n", f"images:\n{ADDED}"),
    ],
)
def test_an_entry_is_added_where_it_is_asked_for(old: str, new: str) -> None:
    assert add(old) == new


def test_what_is_added_has_what_the_pin_and_the_names_ask() -> None:
    assert add("a: 1\n", "digest", image="model") == (
        f"a: 1\nimages:\n- name: model\n  newName: {NAME}\n  digest: {NEW}\n"
    )
    edited = edit("a: 1\n", Target(file="k.yaml", image=NAME, add=True), Wish(image=IMAGE, pin="tag+digest"))
    assert edited.text == f"a: 1\nimages:\n{ADDED}  digest: {NEW}\n"
    assert edited.after == f"{NAME}:1.4.2@{NEW}"
    assert edited.notes == (f"k.yaml: an entry for {NAME} was added",)
    with pytest.raises(InvalidRequestError, match="no digest"):
        add("a: 1\n", "digest", parse_image(f"{NAME}:1"))


@pytest.mark.parametrize(
    "text",
    [
        *["", "# nothing\n", "- a\n", "a: |\n x", "images: ~\n", "images: {}\n", "images:\n-\n  name: a\n"],
        *[
            "images: [\n  {name: a},\n]\n",
            "images:\n- name: &a b\n- name: *a\n",
            "imageTags: []\n",
            "kind: Deployment\n",
        ],
    ],
)
def test_an_entry_is_not_added_where_that_would_be_a_guess(text: str) -> None:
    with pytest.raises(ManifestError, match=r"^k.yaml:"):
        add(text)


@pytest.mark.parametrize("row", [{"at": "x"}, {"container": "x"}, {"write": "tag"}])
def test_keys_that_mean_nothing_here_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match="format kustomize cannot follow"):
        edit(f"images:\n- name: {NAME}\n", Target(file="k.yaml", image=NAME, **row), Wish(image=IMAGE, pin="tag"))


comments = st.sampled_from(["", " # c", "   # é {x}: y"])
quotes = st.sampled_from(["", "'", '"'])
plain_tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}", fullmatch=True)


@st.composite
def kustomizations(draw: st.DrawFn) -> str:
    """Files as people write them, with one entry that fits among others."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    indent = draw(st.sampled_from(["", "  ", "    "]))
    names = draw(st.permutations([NAME, "other", "registry.example/other"]))
    lines = draw(st.lists(st.sampled_from(["# é", "resources: [a.yaml]", "namePrefix: x-"]), unique=True, max_size=3))
    lines = [*lines, "images:" + draw(comments)]
    for name in names:
        quote = draw(quotes)
        members = [f"name: {quote}{name}{quote}"]
        if draw(st.booleans()):
            quote = draw(st.sampled_from(["'", '"']))
            members.append(f"newTag: {quote}{draw(plain_tags)}{quote}")
        if draw(st.booleans()):
            members.append(f"digest: {OLD}")
        members = draw(st.permutations(members))
        if draw(st.booleans()):
            lines.append(f"{indent}- {{{', '.join(members)}}}{draw(comments)}")
        else:
            lines += [f"{indent}{'- ' if n == 0 else '  '}{m}{draw(comments)}" for n, m in enumerate(members)]
    lines += draw(st.lists(st.sampled_from(["labels: []", "# end", ""]), unique=True, max_size=3))
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


@given(kustomizations(), plain_tags, st.sampled_from(PINS))
def test_exactly_the_intended_change(text: str, tag: str, pin: Pin) -> None:
    new = parse_image(f"{NAME}:{tag}@{NEW}")
    try:
        edited = set_image(text, pin, NAME, new)
    except ManifestError as refused:
        assert "a comment would be lost" in refused.message  # noqa: PT017 - the one refusal that such files may meet
        return
    expected: Any = yaml.load(text, Loader=yaml.BaseLoader)
    for entry in expected["images"]:
        if entry["name"] == NAME:
            entry.pop("newTag", None)
            entry.pop("digest", None)
            entry.update({"newTag": tag} if pin != "digest" else {}, **({"digest": NEW} if pin != "tag" else {}))
    assert yaml.load(edited.text, Loader=yaml.BaseLoader) == expected
    assert type(yaml.safe_load(edited.text)["images"][0].get("newTag", "")) is str
    assert ("\r\n" in edited.text) == ("\r\n" in text)
    assert edited.text.endswith("\n") == text.endswith("\n")
    assert edited.text.count("#") >= text.count("#") - 2
    assert set_image(edited.text, pin, NAME, new).text == edited.text
    kept = [line for line in text.splitlines() if "newTag" not in line and "digest" not in line and NAME not in line]
    assert [line for line in edited.text.splitlines() if line in kept] == kept or "{" in text


def _corpus_files() -> list[Path]:
    folders = ["gitops", "gitops-derived", "gitops-own"]
    found = [path for folder in folders if CORPUS.is_dir() for path in sorted((CORPUS / folder).rglob("*"))]
    return [
        path for path in found if path.is_file() and ("ustomization" in path.name or b"newTag" in path.read_bytes())
    ]


@pytest.mark.corpus
@pytest.mark.parametrize("pin", PINS)
def test_every_real_kustomization_is_edited_exactly_or_refused(pin: Pin) -> None:
    edited, refused = 0, []
    for path in _corpus_files():
        text = path.read_bytes().decode("utf-8", "replace")
        for name in _names(text):
            try:
                result = set_image(text, pin, name, parse_image(f"new.example/x:1.10@{NEW}"))
            except ManifestError as fault:
                refused.append(f"{path}: {fault.message}")
                continue
            edited += 1
            assert set_image(result.text, pin, name, parse_image(f"new.example/x:1.10@{NEW}")).text == result.text
            _assert_only(text, result.text, name, pin)
    assert edited >= 16
    assert [said for said in refused if "/gitops-own/" not in said] == []


def _names(text: str) -> list[str]:
    try:
        documents = [document for document in yaml.safe_load_all(text) if isinstance(document, dict)]
    except yaml.YAMLError:
        return []
    entries = [entry for document in documents for entry in document.get("images") or []]
    return sorted({str(entry["name"]) for entry in entries if isinstance(entry, dict) and "name" in entry})


def _assert_only(old: str, new: str, name: str, pin: Pin) -> None:
    before, after = (list(yaml.load_all(text, Loader=yaml.BaseLoader)) for text in (old, new))
    wished = {"newName": "new.example/x", "newTag": "1.10", "digest": NEW}
    for document in before:
        for entry in (document or {}).get("images", []):
            if entry["name"] == name:
                entry.update(wished)
                for gone in {"tag": ["digest"], "digest": ["newTag"]}.get(pin, []):
                    entry.pop(gone)
        for entry in (document or {}).get("images", []):
            if entry.get("newTag") == "~":  # as good as none, so it may stay
                entry.pop("newTag")
    for document in after:
        for entry in (document or {}).get("images", []):
            if entry.get("newTag") == "~":
                entry.pop("newTag")
    assert after == before


_PIECES = [
    *[
        "#",
        " # c",
        "\n",
        "\r\n",
        "\t",
        "  ",
        ": ",
        "- ",
        "? ",
        '"',
        "'",
        "&a ",
        "*a",
        "!!str ",
        "|",
        "{",
        "}",
        "[",
        "]",
    ],
    *[",", "newTag: v9", "digest: x", "images:", "---\n", "<<: *a", "\u2028", "\x85", "\ufeff", "\r", "newtag: q", "~"],
]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A file as people write it, with bytes put in, taken out or repeated."""
    text = draw(kustomizations())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 12)))
        text = draw(
            st.sampled_from(
                [text[:at] + text[end:], text[:end] + text[at:], *(text[:at] + p + text[at:] for p in _PIECES)]
            )
        )
    return text


@given(damaged(), plain_tags, st.sampled_from(PINS))
def test_whatever_the_file_only_the_entry_changes_or_it_is_refused(text: str, tag: str, pin: Pin) -> None:
    new = parse_image(f"{NAME}:{tag}@{NEW}")
    try:
        edited = set_image(text, pin, NAME, new)
    except ManifestError:
        return
    before, after = (list(yaml.load_all(each, Loader=yaml.CBaseLoader)) for each in (text, edited.text))
    entries = [entry for entry in after[0]["images"] if NAME in (entry["name"], entry.get("newName"))]
    wished = {"newTag": tag if pin != "digest" else None, "digest": NEW if pin != "tag" else None}
    assert [{key: entry.get(key) for key in wished} for entry in entries] == [wished]
    for each in (before, after):
        for entry in each[0]["images"]:
            if NAME in (entry["name"], entry.get("newName")):
                entry.clear()
    assert before == after
    assert set_image(edited.text, pin, NAME, new).text == edited.text


@given(kustomizations(), plain_tags)
def test_an_added_entry_is_all_that_is_added(text: str, tag: str) -> None:
    new = parse_image(f"registry.example/added:{tag}@{NEW}")
    added = add(text, "tag", new, "registry.example/added")
    before, after = (yaml.load(each, Loader=yaml.BaseLoader) for each in (text, added))
    before["images"].append({"name": "registry.example/added", "newTag": tag})
    assert after == before
    at = next(n for n, pair in enumerate(zip(f"{text}\0", f"{added}\0", strict=False)) if pair[0] != pair[1])
    grown = len(added) - len(text)
    assert any(added[:n] + added[n + grown :] == text for n in range(at, max(at - grown, -1), -1))
