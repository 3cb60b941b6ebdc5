"""The model's alias follows promotions on real repositories, with a registry in memory that fails as asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gatekeeper.app.asked import Asked
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.promote import plan, promote
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.environment import Environment, ModelRegistry
from gatekeeper.model.judgement import JudgedModel, Report
from gatekeeper.ports import Tree
from gatekeeper.records.statement import decision_id
from tests.app.judgements import environment
from tests.app.rolling import A, B, Scene, staging
from tests.app.test_promote import always, means

FOLLOWED = ModelRegistry(type="mlflow", alias="champion")


class Registry:
    """Aliases by model and alias. `fails` many calls raise; `before_set` runs before an alias is set."""

    name = "MLflow at registry.example"

    def __init__(self) -> None:
        self.aliases: dict[tuple[str, str], str] = {}
        self.sets: list[str] = []
        self.fails = 0
        self.lost = 0
        self.before_set: Callable[[], None] = lambda: None

    def alias(self, model: str, alias: str) -> str | None:
        self._fail()
        return self.aliases.get((model, alias))

    def set_alias(self, model: str, alias: str, version: str) -> None:
        self._fail()
        act, self.before_set = self.before_set, lambda: None
        act()
        self.aliases[model, alias] = version
        self.sets.append(version)
        if self.lost:
            self.lost -= 1
            raise CannotActError("the connection was closed")

    def _fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise CannotActError("the registry is down")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    registry = {"type": "mlflow", "alias": "champion"}
    return Scene(tmp_path, {"environments/staging.yaml": staging(registry=registry)})


def carrying(image: str, version: str | None, where: Environment | None = None) -> Callable[[Tree, Any], Judged]:
    """A judge of an image that carries this version of the model `churn`."""
    place = where or environment(registry=FOLLOWED)
    judge = always(image, place)

    def carry(tree: Tree, now: Any) -> Judged:
        found = judge(tree, now)
        artifact = found.report.judgement.artifact
        assert artifact is not None
        if version is None:
            return found
        artifact = replace(artifact, model=JudgedModel(name="churn", version=version))
        made = replace(found.report.judgement, artifact=artifact)
        return replace(found, report=replace(found.report, judgement=made, decision=decision_id(made)))

    return carry


def act(
    scene: Scene,
    registry: Registry,
    image: str,
    version: str | None,
    where: Environment | None = None,
    opened: Callable[[Environment], Registry] | None = None,
    **changes: Any,
) -> Report:
    judge = carrying(image, version, where)
    acting = means(judge, scene.clock, registry=opened or (lambda _: registry), **changes)
    (report,) = promote(scene.repository(), "main", acting)
    return report


def aliased(report: Report) -> Any:
    assert report.promotion is not None
    return report.promotion.alias


def test_it_moves_after_the_promotion_landed(scene: Scene) -> None:
    registry = Registry()
    report = act(scene, registry, A, "6")
    assert registry.aliases == {("churn", "champion"): "6"}
    told = aliased(report)
    assert (told.registry, told.model, told.alias, told.version, told.moved) == (
        "MLflow at registry.example", "churn", "champion", "6", True,
    )  # fmt: skip
    act(scene, registry, B, "7")
    assert registry.aliases == {("churn", "champion"): "7"}


def test_run_again_nothing_moves_and_what_was_left_is_done(scene: Scene) -> None:
    registry = Registry()
    act(scene, registry, A, "6")
    report = act(scene, registry, A, "6")
    assert (aliased(report).moved, registry.sets) == (False, ["6"])
    registry.aliases.clear()
    report = act(scene, registry, A, "6")
    assert report.promotion is not None
    assert (report.promotion.action, aliased(report).moved, registry.sets) == ("already", True, ["6", "6"])


def test_a_plan_moves_nothing(scene: Scene) -> None:
    registry = Registry()
    acting = means(carrying(A, "6"), scene.clock, registry=lambda _: registry)
    (report,) = plan(scene.repository(), "main", acting, Asked())
    assert report.promotion is not None
    assert (report.promotion.action, registry.sets) == ("committed", [])


@pytest.mark.parametrize("kind", ["fails", "lost"])
def test_a_failure_that_passes_is_tried_again(scene: Scene, kind: str) -> None:
    registry, slept = Registry(), []
    setattr(registry, kind, 2)
    report = act(scene, registry, A, "6", sleep=slept.append)
    assert aliased(report).version == "6"
    assert registry.aliases == {("churn", "champion"): "6"}
    assert slept


def test_a_failure_that_stays_says_what_landed_and_what_remains(scene: Scene) -> None:
    registry = Registry()
    registry.fails = 1000
    with pytest.raises(CannotActError) as caught:
        act(scene, registry, A, "6")
    assert f"staging/churn was promoted by commit {scene.tip}" in caught.value.message
    assert "the alias champion of version 6 of churn was not moved: the registry is down" in caught.value.message
    assert "Run it again" in caught.value.remedy
    registry.fails = 0
    before = scene.tip
    act(scene, registry, A, "6")
    assert (registry.aliases, scene.tip) == ({("churn", "champion"): "6"}, before)


def test_whoever_sets_it_last_sets_it_right(scene: Scene) -> None:
    """The first is about to set it while a second one promotes and sets it: it must end at the second's."""
    registry = Registry()

    def second() -> None:
        act(scene, registry, B, "7")

    registry.before_set = second
    report = act(scene, registry, A, "6")
    assert registry.sets == ["7", "6", "7"]
    assert registry.aliases == {("churn", "champion"): "7"}
    assert aliased(report).version == "7"


def test_what_others_have_promoted_since_is_left_to_them(scene: Scene) -> None:
    registry, times = Registry(), []

    def opened(_: Environment) -> Registry:
        times.append(1)
        if len(times) == 2:  # once before anything is written, then after it landed
            act(scene, Registry(), B, "7")
        return registry

    report = act(scene, registry, A, "6", opened=opened)
    assert registry.sets == []
    assert report.promotion is not None
    assert "something else was promoted there since" in report.promotion.notes[-1]


def test_that_never_settles_is_given_up(scene: Scene) -> None:
    registry = Registry()
    images = iter([A, B] * 20)
    versions = iter(str(number) for number in range(100, 200))

    class Restless(Registry):
        def set_alias(self, model: str, alias: str, version: str) -> None:
            act(scene, registry, next(images), next(versions))
            super().set_alias(model, alias, version)

    with pytest.raises(CannotActError, match="others promoted there"):
        act(scene, Restless(), B, "6")


@pytest.mark.parametrize(
    "where", [environment(registry=FOLLOWED), environment(registry=replace(FOLLOWED, model="churn"))]
)
def test_without_a_version_nothing_is_written(scene: Scene, where: Environment) -> None:
    before = scene.tip
    with pytest.raises(InvalidRequestError, match="says no version of a model"):
        act(scene, Registry(), A, None, where=where)
    assert scene.tip == before


def test_one_model_for_several_artifacts_is_refused(scene: Scene) -> None:
    where = environment("staging", "churn", "fraud", registry=replace(FOLLOWED, model="churn"))
    with pytest.raises(InvalidRequestError, match="lets one alias follow all of them"):
        act(scene, Registry(), A, "6", where=where)


def test_a_registry_that_cannot_be_named_stops_it_before_anything_is_written(scene: Scene) -> None:
    def refuse(_: Environment) -> Registry:
        raise InvalidRequestError("nobody says where it is")

    before = scene.tip
    with pytest.raises(InvalidRequestError, match="nobody says"):
        act(scene, Registry(), A, "6", opened=refuse)
    assert scene.tip == before


def test_the_environment_may_name_the_model(scene: Scene) -> None:
    registry = Registry()
    act(scene, registry, A, "6", where=environment(registry=replace(FOLLOWED, model="churn-prod")))
    assert registry.aliases == {("churn-prod", "champion"): "6"}


def test_without_a_registry_nothing_is_asked(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    registry = Registry()
    report = act(scene, registry, A, "6", where=environment())
    assert registry.sets == []
    assert not aliased(report)


def test_a_rollback_moves_it_back(scene: Scene) -> None:
    registry = Registry()
    act(scene, registry, A, "6")
    act(scene, registry, B, "7")
    report = scene.roll(registry=lambda _: registry)
    assert (registry.aliases, aliased(report).version) == ({("churn", "champion"): "6"}, "6")


def test_a_rollback_goes_on_where_the_registry_is_down(scene: Scene) -> None:
    registry, slept = Registry(), []
    act(scene, registry, A, "6")
    act(scene, registry, B, "7")
    registry.fails = 1000
    report = scene.roll(registry=lambda _: registry, sleep=slept.append)
    assert report.promotion is not None
    assert (report.promotion.action, report.promotion.commit) == ("committed", scene.tip)
    assert "was not moved: the registry is down" in report.promotion.notes[-1]
    assert slept == []
    registry.fails = 0
    assert aliased(scene.roll(registry=lambda _: registry)).version == "6"
    assert registry.aliases == {("churn", "champion"): "6"}
