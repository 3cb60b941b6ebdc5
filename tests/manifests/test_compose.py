"""compose: the services that run an image, and nothing that only looks like one."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import ManifestError
from tests.manifests.editing import NAME, NEW, OLD, PINS, edit, impossible, now, refused

ONE = f"services:\n  web:\n    image: {NAME}:v1 # {NAME}:v1\n    ports: ['80:80']\n  db:\n    image: postgres:16\n"
TWO = f'services:\n  web:\n    image: {NAME}:v1\n  worker:\n    image: "{NAME}:v1"\n  tool:\n    build: .\n'
SHARED = f"x-app: &app\n  image: {NAME}:v1\n  restart: always\nservices:\n  web:\n    <<: *app\n  worker: *app\n"


@pytest.mark.parametrize(
    ("row", "old", "new"),
    [
        ({"pin": "tag"}, ONE, ONE.replace(f"{NAME}:v1 ", f"{NAME}:1.4.2 ")),
        ({}, TWO, TWO.replace("v1", f"1.4.2@{NEW}")),
        ({"container": "worker", "pin": "digest"}, TWO, TWO.replace(f'{NAME}:v1"', f'{NAME}@{NEW}"')),
        ({"pin": "tag"}, SHARED, SHARED.replace("v1", "1.4.2")),
        (
            {"pin": "tag"},
            f"x-i: &i {NAME}:v1\nservices: {{a: {{image: *i}}, b: {{image: *i}}}}\n",
            f"x-i: &i {NAME}:1.4.2\nservices: {{a: {{image: *i}}, b: {{image: *i}}}}\n",
        ),
        (
            {"pin": "tag"},
            SHARED + "    \n  own:\n    <<: *app\n    image: other\n",
            SHARED.replace("v1", "1.4.2") + "    \n  own:\n    <<: *app\n    image: other\n",
        ),
        (
            {"pin": "tag", "image": "redis"},
            "services:\r\n  r: {image: 'redis:7', build: .}\r\n",
            "services:\r\n  r: {image: 'redis:1.4.2', build: .}\r\n",
        ),
        (
            {"pin": "tag"},
            f"services: {{web: {{image: {NAME}:v1}}}}\nx-o: {{image: {NAME}:v1}}\nvolumes: {{image: {NAME}:v1}}\n",
            f"services: {{web: {{image: {NAME}:1.4.2}}}}\nx-o: {{image: {NAME}:v1}}\nvolumes: {{image: {NAME}:v1}}\n",
        ),
        (
            {"pin": "tag"},
            f"services:\n  web:\n    image: {NAME}:v1\n    environment: {{image: '{NAME}:v1'}}\n",
            f"services:\n  web:\n    image: {NAME}:1.4.2\n    environment: {{image: '{NAME}:v1'}}\n",
        ),
    ],
)
def test_edits(row: dict[str, Any], old: str, new: str) -> None:
    assert edit("compose", old, **row).text == new


@pytest.mark.parametrize(
    ("row", "text", "said"),
    [
        ({}, "services:\n  web:\n    image: other:1\n", f"m:3:12: no image is {NAME}: the images here are other:1"),
        (
            {},
            f"services:\n  web:\n    image: {NAME}:${{TAG:-v1}}\n",
            "m:3:12: this looks like registry.example/churn, but a variable",
        ),
        ({}, f"services:\n  web:\n    image: {NAME}:$TAG\n", "m:3:12: "),
        ({}, f"services:\n  web:\n    image: '{NAME} :v1'\n", "this looks like"),
        ({}, "services:\n  web:\n    build: .\n", f"no image is {NAME}: it names no image"),
        ({"container": "web"}, "services:\n  web:\n    build: .\n", "m:3:5: the service web has no image: it is built"),
        ({"container": "web"}, ONE.replace("web", "w"), "no service is called web"),
        ({"container": "db"}, ONE, "no image in container db is registry.example/churn"),
        ({"container": "web"}, SHARED, "used in several places by aliases"),
        ({}, f"web:\n  image: {NAME}:v1\n", "m: not what a Compose file should be: it has no services:"),
        ({}, "services: [1]\n", "it has no services:"),
        ({}, "", "it has no services:"),
        ({}, "- 1\n", "it has no services:"),
        ({}, "services: {{ x }}\n", "the file is a template"),
        (
            {},
            f"x: &i {NAME}:v1\nservices: {{a: {{image: *i}}}}\n",
            "used in several places by aliases (.x, .services.a.image)",
        ),
    ],
)
def test_refusals(row: dict[str, Any], text: str, said: str) -> None:
    refused("compose", text, said, **row)


def test_what_cannot_be_asked() -> None:
    impossible("compose", ONE, "cannot follow at: .services", at=".services.web.image")
    impossible("compose", ONE, "cannot follow write: tag", write="tag")
    impossible("compose", ONE, "cannot follow add: true", add=True)
    impossible("compose", ONE, "pin is tag, but the artifact has none", pin="tag", new=f"{NAME}@{NEW}")


def test_the_current_image() -> None:
    assert now("compose", ONE) == f"{NAME}:v1"
    assert now("compose", SHARED) == f"{NAME}:v1"
    assert now("compose", TWO.replace("v1", f"v1@{OLD}")) == f"{NAME}:v1@{OLD}"
    assert now("compose", "services: {a: {image: x}}\n") is None
    differing = TWO.replace(f"image: {NAME}:v1\n", f"image: {NAME}:v0\n")
    assert now("compose", differing, container="web") == f"{NAME}:v0"
    with pytest.raises(ManifestError, match="two images of one repository"):
        now("compose", differing)


@given(st.data(), st.sampled_from(PINS))
def test_only_images_of_services_change(data: st.DataObject, pin: Any) -> None:
    names = data.draw(st.lists(st.from_regex("[a-z]{1,5}", fullmatch=True), min_size=1, max_size=5, unique=True))
    lines = ["services:"]
    for name in names:
        quote = data.draw(st.sampled_from(["", "'", '"']))
        image = data.draw(
            st.sampled_from([f"{NAME}:v1", f"{NAME}@{OLD}", "postgres:16", f"{NAME}-worker:v1", f"{NAME}x"])
        )
        lines += [
            f"  {name}:",
            f"    labels: [{quote}{image}{quote}] # {image}",
            f"    image: {quote}{image}{quote} # {image}",
        ]
    text = data.draw(st.sampled_from(["\n", "\r\n"])).join([*lines, f"configs: {{image: '{NAME}:v1'}}"])
    images = {name: service["image"] for name, service in yaml.safe_load(text)["services"].items()}
    mine = [name for name, image in images.items() if image.startswith((f"{NAME}:", f"{NAME}@"))]
    if not mine:
        refused("compose", text, f"no image is {NAME}")
        return
    expected = yaml.safe_load(text)
    for name in mine:
        expected["services"][name]["image"] = (
            f"{NAME}{'' if pin == 'digest' else ':1.4.2'}{'' if pin == 'tag' else '@' + NEW}"
        )
    new = edit_all(text, pin)
    assert yaml.safe_load(new) == expected
    assert [line for line in new.splitlines() if "image:" not in line] == [
        line for line in text.splitlines() if "image:" not in line
    ]


def edit_all(text: str, pin: Any) -> str:
    return edit("compose", text, pin).text
