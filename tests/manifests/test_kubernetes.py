"""kubernetes: every container of the image moves, whatever the kind, and nothing else does."""

from __future__ import annotations

import re
from collections import Counter
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests.podkinds import CONTAINER_KINDS, POD_KINDS
from gatekeeper.model.environment import Pin
from gatekeeper.model.image import parse_image
from tests.corpus import corpus_files
from tests.manifests.kubernetes_yaml import WANTED, damaged, manifests
from tests.manifests.wishes import NAME, OLD, PINS, now, pinned, plain, set_image

HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: churn\nspec:\n  template:\n    spec:\n"


def deployment(*images: str) -> str:
    """A Deployment with one container per line of `image:`."""
    containers = "".join(f"        - name: c{n}\n          image: {image}\n" for n, image in enumerate(images))
    return f"{HEAD}      containers:\n{containers}"


@pytest.mark.parametrize("pin", PINS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"{NAME}:1", "{}"),
        (NAME, "{}"),
        (f"{NAME}:1@{OLD}  # by hand", "{}  # by hand"),
        (f"'{NAME}@{OLD}'", "'{}'"),
        (f'"{NAME}:1" # "why"', '"{}" # "why"'),
        ('"registry.example\\u002fchurn:1"', '"{}"'),
        (f"!!str {NAME}:1", "!!str {}"),
        (f"&image {NAME}:1", "&image {}"),
        (f"|-\n            {NAME}:1", "|-\n            {}"),
        (f"\t{NAME}:1", "\t{}"),
    ],
)
def test_only_the_scalar_changes(old: str, new: str, pin: Pin) -> None:
    edited = set_image("kubernetes", deployment("other:1", old), pin)
    assert edited.text == deployment("other:1", new.format(pinned(pin)))
    assert edited.after == pinned(pin)
    assert set_image("kubernetes", edited.text, pin).text == edited.text
    assert now("kubernetes", edited.text) == pinned(pin)


def nested(path: tuple[str, ...], value: Any) -> Any:
    """An object that has `value` at a path as podkinds writes them."""
    for step in reversed(path):
        value = [value] if step == "[]" else {"any" if step == "*" else step: value}
    return value


@pytest.mark.parametrize("kind", sorted(POD_KINDS))
def test_every_kind_that_holds_pods(kind: tuple[str, str]) -> None:
    import json

    group, name = kind
    for path in POD_KINDS[kind]:
        container = {"name": "a", "image": f"{NAME}:1"}
        pod = {"initContainers": [container], "containers": [container], "ephemeralContainers": [container]}
        volumes = {"volumes": [{"name": "m", "image": {"reference": f"{NAME}:1"}}, {"name": "n", "emptyDir": {}}]}
        head = {"apiVersion": f"{group}/v9beta7" if group else "v1", "kind": name}
        text = json.dumps({**head, **nested(path, {**pod, **volumes})})
        edited = set_image("kubernetes", text)
        assert edited.text == text.replace(f"{NAME}:1", f"{NAME}:1.4.2")
        assert edited.text.count("1.4.2") == 4
        assert set_image("kubernetes", text, container="a").text.count("1.4.2") == 3


def test_a_seldon_explainer() -> None:
    ((group, kind),) = CONTAINER_KINDS
    text = (
        f"apiVersion: {group}/v1\nkind: {kind}\nspec:\n  predictors:\n"
        f"  - explainer:\n      containerSpec: {{image: {NAME}:1}}\n"
    )
    assert set_image("kubernetes", text).text == text.replace(":1}", ":1.4.2}")


def test_what_is_no_image_of_a_pod_stays() -> None:
    text = (
        f"apiVersion: v1\nkind: ConfigMap\ndata:\n  image: {NAME}:1\n  f: |\n    image: {NAME}:1\n"
        f"---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {{image: {NAME}:1}}\n---\n"
        + deployment(f"{NAME}:1").replace("  name: churn\n", f"  name: churn\n  annotations: {{image: {NAME}:1}}\n")
        + f"          env: [{{name: image, value: {NAME}:1}}] # image: {NAME}:1\n"
        f"---\napiVersion: apps.example/v1\nkind: Deployment\nspec: {{template: {{spec: {{containers: "
        f"[{{image: {NAME}:1}}]}}}}}}\n"
    )
    at = text.index(f"          image: {NAME}:1") + len(f"          image: {NAME}:1")
    assert set_image("kubernetes", text).text == text[:at] + ".4.2" + text[at:]


def test_several_documents_and_lists() -> None:
    one = deployment(f"{NAME}:1").replace("\n", "\n  ").rstrip()
    text = (
        "# head\n---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- "
        + one
        + f"\n- apiVersion: v1\n  kind: PodList\n  items:\n  - apiVersion: v1\n    kind: Pod\n"
        f"    spec: {{containers: [{{name: x, image: {NAME}:1}}]}}\n---\n" + deployment(f"'{NAME}:1'")
    )
    assert set_image("kubernetes", text).text == text.replace(f"{NAME}:1", f"{NAME}:1.4.2")


def test_containers_that_differed_move_together_and_it_is_said() -> None:
    text = deployment(f"{NAME}:1", f"{NAME}:2", f"{NAME}:2")
    edited = set_image("kubernetes", text)
    assert edited.text == deployment(*[f"{NAME}:1.4.2"] * 3)
    places = f"{NAME}:1 at .spec.template.spec.containers[0].image, {NAME}:2 at .spec.template.spec.containers[1].image"
    assert edited.notes == (f"m.yaml: different images stood here before: {places}",)
    with pytest.raises(ManifestError, match=r"m.yaml:12:18: two images of one repository stand here"):
        now("kubernetes", text)
    assert set_image("kubernetes", text, container="c1").text == deployment(f"{NAME}:1", f"{NAME}:1.4.2", f"{NAME}:2")
    assert now("kubernetes", text, container="c1") == f"{NAME}:2"
    assert now("kubernetes", deployment("other:1")) is None


def test_an_image_by_anchors_is_edited_where_all_its_uses_are_meant() -> None:
    text = deployment(f"&i {NAME}:1", "*i")
    assert set_image("kubernetes", text).text == deployment(f"&i {NAME}:1.4.2", "*i")
    with pytest.raises(ManifestError, match=r"m.yaml:10:18: this is used in several places by aliases"):
        set_image("kubernetes", text, container="c0")
    with pytest.raises(ManifestError, match=r"aliases \(.x, .spec"):
        set_image("kubernetes", f"x: &i {NAME}:1\n" + deployment("*i"))


MERGED = f"""{HEAD}      containers:
        - &c
          name: c0
          image: {NAME}:1
        - <<: *c
          name: c1
        - <<: *c
          name: c2
          image: other:1
"""


def test_merge_keys_are_followed() -> None:
    assert set_image("kubernetes", MERGED).text == MERGED.replace(f"{NAME}:1", f"{NAME}:1.4.2")
    with pytest.raises(ManifestError, match="this is used in several places"):
        set_image("kubernetes", MERGED, container="c0")


def test_an_image_that_is_overridden_everywhere_is_not_there() -> None:
    """Else a promotion would be told that nothing deploys."""
    text = f"x: &c {{image: {NAME}:1}}\n" + deployment("other:1").replace("- name", "- <<: *c\n          name")
    with pytest.raises(ManifestError, match=f"no image is {NAME}: the images here are other:1"):
        set_image("kubernetes", text)


def test_the_name_in_the_manifest_stays_as_it_is_written() -> None:
    text = deployment("docker.io/library/redis:6", "redis", "registry.example/redis:6")
    expected = deployment("docker.io/library/redis:1.4.2", "redis:1.4.2", "registry.example/redis:6")
    assert set_image("kubernetes", text, image="redis").text == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (deployment("other:1"), f"m.yaml:10:18: no image is {NAME}: the images here are other:1; image: says"),
        (deployment("~"), f"m.yaml:10:18: no image is {NAME}: it names no image"),
        (deployment("{a: 1}"), "it names no image"),
        (HEAD + "      containers: []\n", f"m.yaml: no image is {NAME}: it names no image"),
        (HEAD + "      containers: {a: 1}\n", "it names no image"),
        (
            deployment(f"{NAME}:1", f"{NAME}:${{TAG}}"),
            "m.yaml:12:18: this looks like registry.example/churn, but a var",
        ),
        (deployment(f"{NAME}:1", f"{NAME}:$(TAG)"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", f"'{NAME}:{{{{ .tag }}}}'"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", "Registry.example/churn:1"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", f"'{NAME}:1 '"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", f"{NAME}:1+b"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", f"{NAME}@sha512:00"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", "registry.example/chu\u0433n:1"), "m.yaml:12:18: this looks like"),
        (deployment(f"{NAME}:1", "registry.example/churn\u200b:1"), "m.yaml:12:18: this looks like"),
        (deployment("{{ .Values.image }}"), "m.yaml:10:18: the file is a template"),
        (deployment(f"|\n            {NAME}:1"), "m.yaml:10:18: this looks like"),
        (deployment(f"{NAME}:1\n          image: {NAME}:1"), "m.yaml:11:11: the key 'image' stands twice"),
        ("apiVersion: v1\nkind: Service\n", "m.yaml: no kind here is known to hold pods (Service); format yaml-path"),
        ("kind: Deployment\nspec: 1\n", "no kind here is known to hold pods (Deployment)"),
        ("", "no kind here is known to hold pods (no object)"),
        ("- a\n", "no kind here"),
        ("apiVersion: [v1]\nkind: {a: b}\n", "no kind here is known to hold pods ((none))"),
        ("&a [*a]\n", "multiply"),
        ("kind: List\nitems: &a\n- kind: List\n  items: *a\n", "multiply"),
        ("a: &a\n  <<: *a\nkind: Pod\napiVersion: v1\n", "multiply"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(ManifestError) as refused:
        set_image("kubernetes", text)
    assert said in refused.value.message


@pytest.mark.parametrize("row", [{"at": ".spec"}, {"write": "tag"}, {"add": True}])
def test_keys_that_mean_nothing_here_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match="format kubernetes cannot follow"):
        set_image("kubernetes", deployment(f"{NAME}:1"), **row)


def test_a_container_of_another_image_is_refused() -> None:
    with pytest.raises(ManifestError, match=f"no image in container c1 is {NAME}: the images here are other:1"):
        set_image("kubernetes", deployment(f"{NAME}:1", "other:1"), container="c1")


@given(manifests(), st.sampled_from(PINS))
def test_exactly_the_images_change_and_not_one_byte_besides(text: str, pin: Pin) -> None:
    edited = set_image("kubernetes", text, pin)
    assert edited.text == text.replace(WANTED, pinned(pin))
    assert edited.after == pinned(pin)
    assert edited.notes == ()
    assert set_image("kubernetes", edited.text, pin).text == edited.text
    assert now("kubernetes", edited.text) == pinned(pin)
    assert plain(edited.text) == plain(text.replace(WANTED, pinned(pin)))


@given(manifests(), st.data())
def test_whatever_the_file_only_images_change_or_it_is_refused(text: str, data: st.DataObject) -> None:
    text = damaged(text, data)
    try:
        edited = set_image("kubernetes", text)
    except ManifestError as fault:
        said = fault.message
    else:
        _assert_only_tags(text, edited.text)
        assert set_image("kubernetes", edited.text).text == edited.text
        said = "m.yaml"
    assert said.startswith("m.yaml")


def _assert_only_tags(old: str, new: str) -> None:
    before, after = str(plain(old)), str(plain(new))
    assert after != before
    assert re.sub(rf"{NAME}(?::[\w.-]+)?(?:@sha256:\w+)?", "", before) == re.sub(rf"{NAME}(?::[\w.-]+)?", "", after)


def _places(text: str) -> list[tuple[str, str]]:
    """Every image of a real file that names a repository, with its name."""
    found = []
    for match in re.finditer(r"""(?m)^[ \t-]*["']?image["']?:[ \t]+["']?([^\s"'#]+)""", text):
        try:
            found.append((match[1], parse_image(match[1]).written))
        except InvalidRequestError:
            continue
    return found


@pytest.mark.corpus
def test_every_real_object_is_edited_exactly_or_refused() -> None:
    """Refused are templates, what is not YAML, and images that stand in kinds which hold no pods."""
    edited, refused, pins = 0, Counter[str](), cycle(PINS)
    for path in corpus_files("gitops*/**/*.y*ml"):
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        for name in dict.fromkeys(name for _, name in _places(text)):
            pin = next(pins)
            try:
                result = set_image("kubernetes", text, pin, name)
            except ManifestError as fault:
                refused[_reason(fault.message)] += 1
                continue
            edited += 1
            _assert_only_images(text, result.text, pinned(pin, name), name)
            assert set_image("kubernetes", result.text, pin, name).text == result.text
    assert edited >= 200
    assert set(refused) <= {"template", "not YAML", "no pods", "no image"}, refused


def _reason(message: str) -> str:
    words = {
        "the file is a template": "template",
        "not YAML": "not YAML",
        "no kind here": "no pods",
        "no image is": "no image",
        "a key that is no scalar": "template",
    }
    return next((reason for word, reason in words.items() if word in message), message)


def _assert_only_images(old: str, new: str, wished: str, name: str) -> None:
    """Line by line: what differs is an image of the name before, and the wished one after."""
    before, after = old.split("\n"), new.split("\n")
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        if one != other:
            start = next(n for n, pair in enumerate(zip(f"{one}\0", f"{other}\0", strict=False)) if pair[0] != pair[1])
            assert wished in other
            assert other.replace(wished, "", 1) in re.sub(rf"{re.escape(name)}[\w.:@-]*", "", one, count=1)
            assert start > other.index(wished)
