"""Which files of a tree are read, and what in them stops everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.errors import GatekeeperError, InvalidFileError, InvalidRequestError
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.policy.versions import in_range, version_key
from tests.judging import policy_text, report
from tests.trees import MemoryTree, environment

POLICY = policy_text("evidence.metrics.values.a > 0.5")
ROW = {"manifests": [{"path": "k.yaml", "format": "kustomize"}]}


def versioned(version: str, condition: str = "true", name: str = "p") -> str:
    text = policy_text(condition).replace('"1.0.0"', f'"{version}"')
    return text.replace('"name": "p"', f'"name": "{name}"')


def judged(files: dict[str, Any], image: str | None = "registry.example/x", env: str = "staging") -> Judged:
    request = Request(
        artifact=None if image is None else Artifact(name=None, image=image, digest="sha256:" + "a" * 64),
        envelopes=(report({"a": 0.9}),),
        now=datetime(2026, 11, 23, tzinfo=UTC),
        engines=(load_engine(None),),
        environment=env,
    )
    return evaluate(MemoryTree(files), request)


def refused(files: dict[str, Any], **options: Any) -> str:
    with pytest.raises(GatekeeperError) as caught:
        judged(files, **options)
    assert isinstance(caught.value, InvalidFileError | InvalidRequestError)
    return str(caught.value)


def tree(**spec: Any) -> dict[str, Any]:
    return {"policies/p.yaml": POLICY, "environments/staging.yaml": environment(**spec)}


def test_the_highest_version_in_range_is_taken() -> None:
    files = tree() | {"policies/new.yaml": versioned("1.10.0"), "policies/next.yaml": versioned("2.0.0", "false")}
    whole = judged(files).report.judgement
    assert [policy.version for policy in whole.policies] == ["1.10.0"]


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("2.1.0", "^2", True),
        ("3.0.0", "^2", False),
        ("1.9.9", "^2", False),
        ("2.0.9", "^2.1", False),
        ("2.3.0", "^2.1.5", True),
        ("0.2.5", "^0.2", True),
        ("0.3.0", "^0.2", False),
        ("0.0.3", "^0.0.3", True),
        ("0.0.4", "^0.0.3", False),
        ("2.1.9", "~2.1", True),
        ("2.2.0", "~2.1", False),
        ("2.1.4", "~2.1.5", False),
        ("2.9.0", "~2", True),
        ("2.1.0", "2.1.0", True),
        ("2.1.0", "=2.1.0", True),
        ("2.1.1", "2.1.0", False),
        ("2.1.0-rc.1", "^2", False),
        ("2.1.0-rc.1", "2.1.0-rc.1", True),
        ("2.1.0", "2.1.0-rc.1", False),
    ],
)
def test_ranges(version: str, wanted: str, fits: bool) -> None:
    assert in_range(version, wanted) is fits


def test_versions_are_ordered_as_semantic_versioning_says() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
               "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0"]  # fmt: skip
    assert sorted(ordered, key=version_key) == ordered


def test_one_version_in_two_files_is_refused() -> None:
    assert "is also in policies/p.yaml" in refused(tree() | {"policies/q.yaml": POLICY})


def test_no_version_in_range_is_refused_with_what_there_is() -> None:
    message = refused(tree(policies=[{"name": "p", "version": "^2"}]))
    assert "environments/staging.yaml:" in message
    assert "There is 1.0.0" in message


def test_an_unknown_policy_gets_a_near_name() -> None:
    files = {"policies/p.yaml": versioned("1.0.0", name="quality")} | {
        "environments/staging.yaml": environment(policies=[{"name": "qualty", "version": "^1"}])
    }
    assert "Did you mean 'quality'?" in refused(files)


def test_an_invalid_policy_stops_an_environment_that_does_not_use_it() -> None:
    assert "policies/z.yaml" in refused(tree() | {"policies/z.yaml": "kind: Policy"})


def test_a_typo_in_a_policy_that_does_not_apply_stops_everything() -> None:
    files = tree() | {"policies/z.yaml": versioned("1.0.0", "evidence.nothing.values.a > 0.5", name="z")}
    assert "policies/z.yaml:1:" in refused(files)


def test_other_environments_are_not_read_save_those_it_comes_after() -> None:
    files = tree() | {"environments/production.yaml": "nonsense: ["}
    assert judged(files).report.judgement.verdict == "allowed"
    assert "environments/production.yaml" in refused(
        tree(after=[{"environment": "production"}]) | {"environments/production.yaml": "nonsense: ["}
    )


def test_an_environment_after_one_that_there_is_not() -> None:
    assert "there is no environment 'dev'" in refused(tree(after=[{"environment": "dev"}]))
    assert "after itself" in refused(tree(after=[{"environment": "staging"}]))


@pytest.mark.parametrize("name", ["stagin", "../staging", "", ".", "a/b"])
def test_an_unknown_environment(name: str) -> None:
    assert "there is no environment" in refused(tree(), env=name)


def test_the_file_and_the_name_agree() -> None:
    assert "named 'staging', its file 'production'" in refused(
        {"policies/p.yaml": POLICY, "environments/production.yaml": environment()}, env="production"
    )


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "image": f"registry.example/{name}", **ROW} for name in names]


def artifacts(*names: str, **spec: Any) -> dict[str, Any]:
    whole = environment(**spec)
    for key in ("image", "manifests"):
        del whole["spec"][key]
    whole["spec"]["artifacts"] = rows(*names)
    return whole


def test_the_row_is_found_by_the_image_after_normalisation() -> None:
    files = {"policies/p.yaml": POLICY, "environments/staging.yaml": artifacts("a", "b")}
    assert judged(files, image="registry.example/b").row.name == "b"  # type: ignore[union-attr]
    assert "no artifact of environment staging has the image" in refused(files, image="registry.example/c")
    whole = artifacts("a")
    whole["spec"]["artifacts"][0]["image"] = "docker.io/library/redis"
    assert judged(files | {"environments/staging.yaml": whole}, image="redis").row.name == "a"  # type: ignore[union-attr]


def test_without_an_artifact_the_only_row_is_meant() -> None:
    assert judged(tree(), image=None).report.judgement.artifact.name == "x"  # type: ignore[union-attr]
    files = {"policies/p.yaml": POLICY, "environments/staging.yaml": artifacts("a", "b")}
    assert "--artifact" in refused(files, image=None)


def test_included_rows_count() -> None:
    more = artifacts("c")
    del more["spec"]["policies"]
    files = {
        "policies/p.yaml": POLICY,
        "environments/staging.yaml": artifacts("a", include=["environments/staging.d/*.yaml"]),
        "environments/staging.d/team.yaml": more,
        "environments/staging.d/notes.txt": "not read",
    }
    assert judged(files, image="registry.example/c").row.name == "c"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("pattern", "included", "words"),
    [
        ("environments/staging.d/*.yaml", artifacts("a"), "holds `artifacts` only"),
        ("environments/staging.d/*.yaml", {**artifacts("c"), "metadata": {"name": "other"}}, "but named 'other'"),
        ("environments/*/x.yaml", None, "wildcards in its last part only"),
        ("../elsewhere/*.yaml", None, "is not a path inside the repository"),
        ("/etc/*.yaml", None, "is not a path inside the repository"),
    ],
)
def test_a_wrong_include_is_refused(pattern: str, included: Any, words: str) -> None:
    files = {"policies/p.yaml": POLICY, "environments/staging.yaml": artifacts("a", include=[pattern])}
    if included is not None:
        files["environments/staging.d/team.yaml"] = included
    assert words in refused(files)


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (artifacts("a", "a"), "two artifacts are named 'a'"),
        (environment(policies=[]), "no policy applies to 'x'"),
        (environment(policies=[{"name": "p", "version": "^1"}] * 2), "is applied twice"),
        (environment(settle="24h"), "not built"),
    ],
)
def test_a_wrong_environment_is_refused(whole: dict[str, Any], words: str) -> None:
    assert words in refused({"policies/p.yaml": POLICY, "environments/staging.yaml": whole})


def test_two_rows_of_one_image_cannot_be_told_apart() -> None:
    whole = artifacts("a", "b")
    whole["spec"]["artifacts"][1]["image"] = "registry.example/a"
    assert "registry.example/a" in refused(
        {"policies/p.yaml": POLICY, "environments/staging.yaml": whole}, image="registry.example/a"
    )


@pytest.mark.parametrize(
    "more",
    [{"approvals": {"count": 1}}, {"windows": {"timezone": "UTC"}}, {"registry": {"type": "mlflow", "alias": "a"}}],
)
def test_an_included_file_holds_artifacts_only(more: dict[str, Any]) -> None:
    def written(**spec: Any) -> dict[str, Any]:
        head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": "staging"}}
        return {**head, "spec": spec}

    row = {"name": "x", "image": "registry.example/x", **ROW}
    uses = [{"name": "p", "version": "^1"}]
    files = {
        "policies/p.yaml": POLICY,
        "environments/staging.yaml": written(policies=uses, include=["environments/staging.d/*.yaml"]),
        "environments/staging.d/x.yaml": written(artifacts=[row]),
    }
    assert judged(files).report.judgement.verdict == "allowed"
    files["environments/staging.d/x.yaml"] = written(artifacts=[row], **more)
    assert "artifacts` only" in refused(files)
