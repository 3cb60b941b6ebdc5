"""What every format owes: a section, a test, a name in the schema, and an answer to whatever text it is given."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests import FORMATS, format_of
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.model.delivery import FormatName
from gatekeeper.model.image import parse_image
from tests.corpus import ROOT, corpus_files
from tests.manifests.editing import NAME, NEW, PINS, URI

ROWS: dict[str, dict[str, Any]] = {
    "yaml-path": {"at": ".image"},
    "json-path": {"at": ".image"},
    "toml-path": {"at": ".image"},
    "regex": {"at": r"image: *(?P<image>[^\s#]+)"},
}
PAGE = (ROOT / "docs/manifests.md").read_text(encoding="utf-8")
HOSTILE = [
    "",
    "\x00",
    "\ufeff",
    "\ufeff\ufeffimage: x",
    "{{",
    "[" * 100_000,
    "{" * 100_000,
    "- " * 50_000,
    "? " * 50_000,
    "image: &a [*a]",
    "&a {image: *a}",
    "*a",
    "<<: *a",
    "x: &x {image: y}\n<<: [*x, *x]\n<<: *x",
    "---\n" * 20_000,
    "--- --- ...\n",
    "%YAML 9.9\n---\nimage: x",
    "image: !!python/object/apply:os.system [x]",
    "image: !!binary '*'",
    "!!set {image}",
    "image: |\n" + " x\n" * 1000,
    "image: 'x",
    'image: "\\ud800"',
    "image: \x85\u2028x",
    "\timage: x",
    "image: " + "x" * 100_000,
    "image" * 50_000 + ": x",
    "kind: Deployment\nspec: []",
    "kind: Deployment\nspec: {template: {spec: {containers: {image: x}}}}",
    "kind: [List]\nitems: {a: b}",
    "kind: List\nitems: [1, null, [], {kind: List, items: [2]}]",
    "apiVersion: {}\nkind: Kustomization\nimages: [[]]",
    "services: {a: *b}",
    "services: {a: [image]}",
    "image: {repository: [x], tag: {y: z}}",
    "image: {repository: 1, tag: 2, digest: 3}",
    '{"image": "x", "image": "y"}',
    '{"image": 1e999}',
    'image = "x',
    "image = " + "[" * 100_000,
    "image = 1979-99-99",
    "a." * 50_000 + "b = 1",
    "\n".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 3) if n else ''}]}}" for n in range(40)) + "\n<<: *a39",
    "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'x'}]" for n in range(12)),
]


def answer(name: str, text: str, image: str, pin: Any) -> bool:
    """Whether the text was edited; it may be refused, and nothing else."""
    target = Target(file="m", image=image, **ROWS.get(name, {}))
    wish = Wish(image=parse_image(f"{NAME}:1.10@{NEW}"), pin=pin, model_uri=URI)
    edited = None
    for act in (lambda: format_of(name).current(text, target), lambda: format_of(name).edit(text, target, wish)):
        try:
            edited = act()
        except (ManifestError, InvalidRequestError) as fault:
            edited = None
            said = fault.message
            assert said.startswith("m"), said
            assert len(said) < 2000
    return edited is not None


def test_every_format_of_the_schema_has_a_module() -> None:
    assert set(FORMATS) == set(get_args(FormatName))
    assert [module for name, module in FORMATS.items() if module != name.replace("-", "_")] == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_section_with_an_example_and_a_test(name: str) -> None:
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, "docs/manifests.md says what is edited and what is refused"
    assert "```" in section[1], "with an example"
    assert (Path(__file__).parent / f"test_{FORMATS[name]}.py").is_file()


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_is_refused_or_edited_and_nothing_else(name: str) -> None:
    assert len([text for text in HOSTILE if answer(name, text, "x", "tag")]) < len(HOSTILE) / 2


@pytest.mark.parametrize("name", FORMATS)
@given(text=st.text(max_size=80) | st.text("image:xkd &*-[]{}\n\"'#|>=.", max_size=60), pin=st.sampled_from(PINS))
def test_any_text_is_refused_or_edited_and_nothing_else(name: str, text: str, pin: Any) -> None:
    answer(name, text, "x", pin)


@pytest.mark.corpus
@pytest.mark.parametrize("name", FORMATS)
def test_every_real_file_is_refused_or_edited_and_nothing_else(name: str) -> None:
    read = edited = 0
    for path in [
        file for folder in ("gitops", "gitops-derived", "gitops-own") for file in corpus_files(f"{folder}/**/*")
    ]:
        text = path.read_bytes().decode("utf-8", "replace")
        found = re.search(r"""(?:image|repository|- name): *["']?([a-z0-9./-]+)""", text)
        read += 1
        edited += answer(name, text, found[1].rstrip(".-/") if found else NAME, "tag")
    assert read > 600
    if name in {"kubernetes", "helm", "kustomize", "regex"}:
        assert edited > 5
