"""kserve: images and model URIs of predictors, transformers, explainers and runtimes."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidRequestError, ManifestError
from tests.manifests.wishes import NAME, NEW, OLD, now, pinned, set_image

URI = "s3://models.example/churn/7"
HEAD = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: churn}\nspec:\n"
FULL = f"""{HEAD}  predictor:
    canaryTrafficPercent: 10
    model:
      modelFormat: {{name: sklearn}}
      storageUri: gs://old/model # the model
      image: {NAME}:1
    initContainers: [{{name: init, image: "{NAME}:1"}}]
    workerSpec: {{containers: [{{image: {NAME}:1}}]}}
  transformer:
    containers:
    - name: kserve-container
      image: {NAME}:1
      env: [{{name: STORAGE_URI, value: {NAME}:1}}]
  explainer:
    alibi:
      storageUri: gs://old/explainer
      image: {NAME}:1
  other: {{image: "{NAME}:1"}}
"""


def test_all_images_of_the_repository_move() -> None:
    edited = set_image("kserve", FULL, "tag+digest")
    expected = FULL.replace(f"{NAME}:1", pinned("tag+digest"))
    for kept in (f"value: {pinned('tag+digest')}", f'other: {{image: "{pinned("tag+digest")}"'):
        expected = expected.replace(kept, kept.replace(pinned("tag+digest"), f"{NAME}:1"))
    assert edited.text == expected
    assert set_image("kserve", expected, "tag+digest").text == expected
    assert now("kserve", expected) == pinned("tag+digest")


def test_a_component_and_a_container_narrow() -> None:
    edited = set_image("kserve", FULL, at="transformer")
    assert edited.text == FULL.replace(f"      image: {NAME}:1\n      env", f"      image: {NAME}:1.4.2\n      env")
    assert set_image("kserve", FULL, container="kserve-container").text == edited.text


@pytest.mark.parametrize("framework", ["model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "huggingface"])
def test_the_models_uri(framework: str) -> None:
    text = FULL.replace("model:", f"{framework}:", 1)
    edited = set_image("kserve", text, write="model-uri", model_uri=URI)
    assert edited.text == text.replace("gs://old/model", URI)
    assert (edited.before, edited.after) == ("gs://old/model", URI)
    assert set_image("kserve", edited.text, write="model-uri", model_uri=URI).text == edited.text
    assert now("kserve", text, write="model-uri") is None
    explained = set_image("kserve", text, write="model-uri", model_uri=URI, at="explainer")
    assert explained.text == text.replace("gs://old/explainer", URI)


def test_a_model_in_an_image() -> None:
    text = f"{HEAD}  predictor:\n    model: {{storageUri: 'oci://{NAME}:1@{OLD}'}}\n"
    edited = set_image("kserve", text, "tag+digest")
    assert edited.text == text.replace(f":1@{OLD}", f":1.4.2@{NEW}")
    assert (edited.before, edited.after) == (f"{NAME}:1@{OLD}", pinned("tag+digest"))
    assert now("kserve", edited.text) == pinned("tag+digest")


@pytest.mark.parametrize(
    ("kind", "before", "behind"),
    [
        ("ServingRuntime", "", ""),
        ("ClusterServingRuntime", "", ""),
        ("LLMInferenceService", "template: {", "}"),
        ("LLMInferenceServiceConfig", "prefill: {worker: {", "}}"),
    ],
)
def test_runtimes_and_language_models(kind: str, before: str, behind: str) -> None:
    spec = f"{{{before}containers: [{{image: {NAME}:1}}]{behind}}}"
    text = f"apiVersion: serving.kserve.io/v1alpha1\nkind: {kind}\nspec: {spec}\n"
    assert set_image("kserve", text).text == text.replace(f"{NAME}:1", f"{NAME}:1.4.2")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "apiVersion: serving.kserve.io/v1alpha1\nkind: TrainedModel\nspec: {model: {storageUri: 's3://a'}}\n",
            "s3://a",
        ),
        (
            "apiVersion: serving.kserve.io/v1alpha1\nkind: LLMInferenceService\nspec: {model: {uri: 'hf://a/b'}}\n",
            "hf://a/b",
        ),
    ],
)
def test_models_uris_of_other_kinds(text: str, place: str) -> None:
    assert set_image("kserve", text, write="model-uri", model_uri=URI).text == text.replace(place, URI)


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        (FULL.replace(NAME, "other"), {}, "no image is registry.example/churn: the images here are other:1"),
        (f"{HEAD}  predictor:\n    model: {{storageUri: 'oci://{NAME}:${{TAG}}'}}\n", {}, "this looks like"),
        (HEAD.replace("v1beta1", "v1alpha2"), {}, "m.yaml:1:1: v1alpha2 is no version of InferenceService"),
        ("apiVersion: v1\nkind: InferenceService\n", {}, "no object here is one of KServe's"),
        ("", {}, "no object here"),
        (FULL + "---\n" + FULL, {"write": "model-uri"}, "several models have a URI here"),
        (f"{HEAD}  predictor: {{model: {{}}}}\n", {"write": "model-uri"}, "no model's URI stands here"),
        (
            f"{HEAD}  predictor: {{model: {{storageUri: '${{URI}}'}}}}\n",
            {"write": "model-uri"},
            "a variable stands here",
        ),
        (f"{HEAD}  predictor: {{model: {{storageUri: [a]}}}}\n", {"write": "model-uri"}, "m.yaml:5:35: "),
    ],
)
def test_what_cannot_be_edited_safely_is_refused_with_the_place(text: str, row: dict[str, Any], said: str) -> None:
    with pytest.raises(ManifestError) as refused:
        set_image("kserve", text, model_uri=URI, **row)
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("row", "uri"),
    [
        ({"at": "canary"}, None),
        ({"add": True}, None),
        ({"write": "tag"}, None),
        ({"write": "model-uri"}, None),
        ({"write": "model-uri"}, "s3://a\nb: c"),
        ({"write": "model-uri", "container": "x"}, URI),
    ],
)
def test_what_the_artifact_or_the_format_has_not(row: dict[str, Any], uri: str | None) -> None:
    with pytest.raises(InvalidRequestError):
        set_image("kserve", FULL, model_uri=uri, **row)
