"""argocd: parameters, values, kustomize images and revisions of an Application's sources."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.model.environment import Pin
from tests.manifests.wishes import NAME, NEW, OLD, PINS, now, pinned, set_image

HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n"


def parameters(*pairs: tuple[str, str]) -> str:
    """An Application with these Helm parameters."""
    lines = "".join(f"      - name: {name}\n        value: {value}\n" for name, value in pairs)
    return f"{HEAD}  source:\n    helm:\n      parameters:\n{lines}"


def kustomize(image: str) -> str:
    """An Application with one kustomize image."""
    return f"{HEAD}  source:\n    kustomize:\n      images:\n      - other:1\n      - {image} # ours\n"


@pytest.mark.parametrize("pin", PINS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (kustomize(f"{NAME}:1"), None),
        (kustomize(f"{NAME}@{OLD}"), None),
        (kustomize(f"{NAME}=other.example/x:1"), kustomize(f"{NAME}=%s")),
        (kustomize(f"model={NAME}:1@{OLD}"), kustomize("model=%s")),
        (parameters(("image", f"{NAME}:1")), parameters(("image", "%s"))),
        (
            f"{HEAD}  sources:\n  - path: x\n  - helm: {{valuesObject: {{image: '{NAME}:1'}}}}\n",
            f"{HEAD}  sources:\n  - path: x\n  - helm: {{valuesObject: {{image: '%s'}}}}\n",
        ),
    ],
)
def test_whole_images(old: str, new: str | None, pin: Pin) -> None:
    if new is None:  # kustomize takes tag and digest together only behind =
        new = kustomize(f"{NAME}=%s" if pin == "tag+digest" else "%s")
    image = "model" if "model=" in old else NAME
    if image == "model":
        from gatekeeper.manifests.argocd import edit
        from gatekeeper.manifests.edited import Target, Wish
        from tests.manifests.wishes import IMAGE

        def edited(text: str) -> str:
            return edit(text, Target(file="m.yaml", image=image), Wish(image=IMAGE, pin=pin)).text
    else:

        def edited(text: str) -> str:
            return set_image("argocd", text, pin).text

    wanted = new.replace("%s", pinned(pin))
    assert edited(old) == wanted
    assert edited(wanted) == wanted
    assert now("argocd", wanted, image=image) == pinned(pin)


def test_a_tag_by_its_parameter() -> None:
    text = parameters(("replicas", "2"), ("image.tag", '"1"'))
    edited = set_image("argocd", text, "tag+digest", at="image.tag")
    assert edited.text == text.replace('"1"', '"1.4.2"')
    assert edited.after == f"{NAME}:1.4.2"
    assert edited.notes == ("m.yaml: a place for a tag holds no digest; the tag alone is written",)
    assert now("argocd", edited.text, at="image.tag") == f"{NAME}:1.4.2"


def test_the_tag_is_found_beside_its_repository_and_the_digest_goes_with_it() -> None:
    text = parameters(("image.repository", NAME), ("image.tag", "x1"), ("image.digest", OLD))
    edited = set_image("argocd", text, "tag+digest")
    assert edited.text == text.replace("x1", "1.4.2").replace(OLD, NEW)
    assert edited.after == pinned("tag+digest")
    assert edited.notes == ()
    assert now("argocd", edited.text) == pinned("tag+digest")
    assert set_image("argocd", edited.text, "tag+digest").text == edited.text
    with pytest.raises(ManifestError, match="a parameter for the digest stands beside this tag and wins over it"):
        set_image("argocd", text, "tag")
    assert set_image("argocd", text, "digest", at="image.digest").text == text.replace(OLD, NEW)


def test_the_revision() -> None:
    text = f"{HEAD}  source:\n    targetRevision: x1\n    repoURL: https://git.example/x\n"
    assert set_image("argocd", text, at="targetRevision", write="tag").text == text.replace("x1", "1.4.2")
    with pytest.raises(InvalidRequestError, match="needs write: tag"):
        set_image("argocd", text, at="targetRevision")
    with pytest.raises(InvalidRequestError, match="pin is digest"):
        set_image("argocd", text, "digest", at="targetRevision", write="tag")


@pytest.mark.parametrize("tag", ["12", "-1", "007", "true", "null"])
def test_a_tag_that_helm_takes_for_another_type_needs_force_string(tag: str) -> None:
    from gatekeeper.manifests.argocd import edit
    from gatekeeper.manifests.edited import Target, Wish
    from gatekeeper.model.image import ImageRef

    wish = Wish(image=ImageRef(repository=NAME, written=NAME, tag=tag), pin="tag")
    text = parameters(("image.tag", "x1"))
    target = Target(file="m.yaml", image=NAME, at="image.tag")
    with pytest.raises(ManifestError, match=r"m.yaml:8:16: Helm takes the value .* set forceString: true"):
        edit(text, target, wish)
    forced = text + "        forceString: true\n"
    assert edit(forced, target, wish).text == forced.replace("x1", f'"{tag}"')


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (
            f"{HEAD}  source:\n    helm:\n      values: |\n        image: {NAME}:1\n",
            {},
            "m.yaml:6:15: helm.values names",
        ),
        (HEAD.replace("Application", "ApplicationSet") + f"  x: {NAME}:1\n", {}, "an ApplicationSet is a template"),
        (parameters(("a", f"{NAME}:1"), ("b", f"{NAME}:2")), {}, "2 places fit (.spec.source.helm.parameters[0].value"),
        (parameters(("a", "1")), {"at": "b"}, "m.yaml: no source has a Helm parameter or field b"),
        (parameters(("a", "1")), {}, "no parameter, values or kustomize image is registry.example/churn"),
        (parameters(("image", "other:1")), {"at": "image"}, "m.yaml:8:16: other stands here, not"),
        (parameters(("a.tag", "${TAG}")), {"at": "a.tag"}, "m.yaml:8:16: a variable stands here"),
        (f"{HEAD}  source:\n    helm: {{parameters: [{{name: t}}]}}\n", {"at": "t"}, "the parameter t has no value"),
        (f"{HEAD}  source:\n    kustomize: {{images: [{NAME}, '{NAME}=x']}}\n", {}, "2 places fit"),
        (f"{HEAD}  destination: {{image: {NAME}:1}}\n", {}, "no object here is an Application"),
        (
            f"kind: Application\nspec: {{source: {{helm: {{parameters: [{{name: a, value: {NAME}}}]}}}}}}\n",
            {},
            "no object",
        ),
        ("", {}, "no object here is an Application"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_with_the_place(text: str, row: dict[str, Any], said: str) -> None:
    with pytest.raises(ManifestError) as refused:
        set_image("argocd", text, **row)
    assert said in refused.value.message


@pytest.mark.parametrize("row", [{"container": "x"}, {"add": True}, {"write": "tag"}])
def test_keys_that_mean_nothing_here_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        set_image("argocd", parameters(("image.tag", "1")), **row)
