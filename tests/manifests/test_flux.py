"""flux: values, images and setter markers; the markers alone where there are some."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.model.environment import Pin
from tests.manifests.wishes import NAME, NEW, OLD, now, pinned, set_image

RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n"
KUSTOMIZATION = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n"
VALUES = f"{RELEASE}  values:\n    image:\n      repository: {NAME}\n      tag: '1' # by hand\n      digest: {OLD}\n"


def marker(part: str = "", policy: str = "apps:churn") -> str:
    return f'# {{"$imagepolicy": "{policy}{part}"}}'


MARKED = (
    f"image: {NAME}:1 {marker()}\nmap:\n  tag: '1'   {marker(':tag')}\n  digest: {OLD} {marker(':digest')}\n"
    f"  name: {NAME} {marker(':name')}\nother: x:1 {marker(policy='apps:other')}\ntext: |\n  a: b {marker()}\n"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (VALUES, VALUES.replace("'1'", "'1.4.2'").replace(OLD, NEW)),
        (
            f"{RELEASE}  values: {{app: {{image: {NAME}:1}}}}\n",
            f"{RELEASE}  values: {{app: {{image: {pinned('tag+digest')}}}}}\n",
        ),
        (
            f"{RELEASE}  postRenderers: [{{kustomize: {{images: [{{name: {NAME}, newTag: '1', digest: {OLD}}}]}}}}]\n",
            (
                f"{RELEASE}  postRenderers: [{{kustomize: {{images: [{{name: {NAME}, newTag: '1.4.2', "
                f"digest: {NEW}}}]}}}}]\n"
            ),
        ),
        (
            f"{KUSTOMIZATION}  images:\n  - name: {NAME}\n    newTag: '1'\n    digest: {OLD}\n",
            f"{KUSTOMIZATION}  images:\n  - name: {NAME}\n    newTag: '1.4.2'\n    digest: {NEW}\n",
        ),
        (f"apiVersion: v1\nkind: ConfigMap\ndata: {{image: {NAME}:1}}\n---\n{VALUES}", None),
    ],
)
def test_what_flux_reads(old: str, new: str | None) -> None:
    edited = set_image("flux", old, "tag+digest")
    assert edited.text == (new or old.replace("'1'", "'1.4.2'").replace(OLD, NEW))
    assert edited.after == pinned("tag+digest")
    assert set_image("flux", edited.text, "tag+digest").text == edited.text
    assert now("flux", edited.text) == pinned("tag+digest")


def test_a_policy_sets_what_it_marks_and_nothing_else() -> None:
    edited = set_image("flux", MARKED, "tag+digest", at="apps:churn")
    expected = MARKED.replace(f"{NAME}:1 ", f"{pinned('tag+digest')} ").replace("'1'", "'1.4.2'").replace(OLD, NEW)
    assert edited.text == expected
    assert (edited.before, edited.after, edited.notes) == (f"{NAME}:1", pinned("tag+digest"), ())
    assert set_image("flux", expected, "tag+digest", at="apps:churn").text == expected
    assert now("flux", expected, at="apps:churn") == pinned("tag+digest")


def test_a_tag_alone_is_written_and_that_is_said() -> None:
    text = f"tag: v1 {marker(':tag')}"
    edited = set_image("flux", text, "tag+digest", at="apps:churn")
    assert edited.text == f"tag: 1.4.2 {marker(':tag')}"
    assert edited.after == f"{NAME}:1.4.2"
    assert edited.notes == ("m.yaml: a place for a tag holds no digest; the tag alone is written",)
    assert now("flux", edited.text, at="apps:churn") == f"{NAME}:1.4.2"


@pytest.mark.parametrize(("pin", "part"), [("digest", ":tag"), ("tag", ":digest")])
def test_a_pin_that_the_marked_scalar_cannot_hold(pin: Pin, part: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"pin is {pin}"):
        set_image("flux", f"a: '' {marker(part)}\n", pin, at="apps:churn")


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (
            MARKED,
            {},
            "m.yaml:1:8: setter markers stand here; say with at: which policy is meant (apps:churn, apps:other)",
        ),
        (MARKED, {"at": "apps:other"}, "m.yaml:6:8: x stands here, not registry.example/churn"),
        (MARKED, {"at": "apps:no"}, "no scalar is marked for apps:no; policies that mark here: apps:churn, apps:other"),
        (f"a: b {marker(':name')}\n", {"at": "apps:churn"}, "m.yaml:1:4: apps:churn marks names only"),
        (f"a: {{tag: v1}} {marker(':tag')}\n", {"at": "apps:churn"}, "m.yaml:1:14: the marker stands behind no scalar"),
        (f"a: {marker()}\n  b\n", {"at": "apps:churn"}, "m.yaml:1:4: the marker stands behind no scalar"),
        (f"{marker()}\na: b\n", {"at": "apps:churn"}, "m.yaml:1:1: the marker stands behind no scalar"),
        (f"a: |\n  b {marker()}\n", {"at": "apps:churn"}, "policies that mark here: none"),
        (f"a: 'b {marker()}\n  c'\n", {"at": "apps:churn"}, "policies that mark here: none"),
        (
            f"tag: v1 {marker(':tag')}\ndigest: {OLD}\n",
            {"at": "apps:churn"},
            "m.yaml:2:9: a digest stands beside a marked tag and wins",
        ),
        (f"a: &t v1 {marker(':tag')}\nb: *t\n", {"at": "apps:churn"}, None),
        (f"a: ${{tag}} {marker(':tag')}\n", {"at": "apps:churn"}, "m.yaml:1:4: a variable stands here"),
        (f"{VALUES}  postRenderers: [{{kustomize: {{images: [{{name: {NAME}}}]}}}}]\n", {}, "2 places are"),
        (f"{RELEASE}  values: {{image: other:1}}\n", {}, "neither values nor images: hold registry.example/churn"),
        (f"{RELEASE}  chart: {{image: {NAME}:1}}\n", {}, "neither values nor images"),
        (f"kind: Kustomization\nimages: [{{name: {NAME}}}]\n", {}, "no object here is a HelmRelease"),
        (f"{KUSTOMIZATION}  images: {{name: {NAME}}}\n", {}, "images: is not a list"),
        ("", {}, "no object here is a HelmRelease"),
        ("a: [\n", {"at": "apps:churn"}, "not YAML"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_with_the_place(
    text: str, row: dict[str, Any], said: str | None
) -> None:
    if said is None:  # an alias of a marked scalar is marked with it
        assert set_image("flux", text, **row).text == text.replace("v1", "1.4.2")
        return
    with pytest.raises(ManifestError) as refused:
        set_image("flux", text, **row)
    assert said in refused.value.message


def test_a_place_chooses_one_of_several() -> None:
    text = f"{VALUES}    job: {{image: {NAME}:1}}\n"
    with pytest.raises(
        ManifestError, match=r"2 places are .*\(.spec.values.image, .spec.values.job.image\); at: chooses"
    ):
        set_image("flux", text)
    edited = set_image("flux", text, at=".spec.values.job.image")
    assert edited.text == text.replace(f"{NAME}:1", f"{NAME}:1.4.2")


@pytest.mark.parametrize("row", [{"at": "churn"}, {"at": "A:b"}, {"container": "x"}, {"write": "tag"}, {"add": True}])
def test_keys_that_mean_nothing_here_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        set_image("flux", VALUES, **row)


def test_marked_scalars_that_contradict_each_other() -> None:
    text = f"a: v1 {marker(':tag')}\nb: v2 {marker(':tag')}\n"
    with pytest.raises(ManifestError, match=r"m.yaml:2:4: another tag stands at .b"):
        now("flux", text, at="apps:churn")
    assert set_image("flux", text, at="apps:churn").text == text.replace("v1", "1.4.2").replace("v2", "1.4.2")
