"""The alias of the model follows what was promoted: it ends at the version of the newest record at the tip.

Two that promote at once may set it in any order; whoever set it looks again, and sets it right until nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.asked import Means
from gatekeeper.app.batch import Batch
from gatekeeper.app.item import Item
from gatekeeper.app.models import Model, model_of
from gatekeeper.errors import CannotActError, GatekeeperError, InvalidRequestError
from gatekeeper.model.judgement import ModelAlias, Report
from gatekeeper.ports.model_registry import ModelRegistry
from gatekeeper.records.history import is_about, latest_promotion
from gatekeeper.records.statement import Record

TRIES = 5
ROUNDS = 8
_FIRST_PAUSE = 1.0
_DONE = ("committed", "already")

T = TypeVar("T")


def follow(batch: Batch, means: Means, reports: tuple[Report, ...]) -> tuple[Report, ...]:
    """Move the aliases of what was promoted, or stands there already.

    Of what was rolled back it is only said when that fails: a rollback is to work when the registry is down.
    Raises CannotActError, naming all that remains, where one cannot be moved: the promotion itself has landed.
    """
    items = {item.row.name: item for item in (*batch.items, *batch.going)}
    done: list[Report] = []
    left: list[str] = []
    for report in reports:
        artifact = report.judgement.artifact
        item = None if artifact is None else items.get(artifact.name or "")
        if item is None or report.promotion is None or report.promotion.action not in _DONE:
            done.append(report)
            continue
        try:
            done.append(_followed(item, means, report))
        except GatekeeperError as fault:
            left.append(_remains(item, report, fault))
            done.append(_noted(report, left[-1]))
    forgiving = all(item.repeated is not None for item in items.values())
    if left and not forgiving:
        raise CannotActError("; ".join(left), "Run it again: it moves what is left, and promotes nothing twice.")
    return tuple(done)


def _remains(item: Item, report: Report, fault: GatekeeperError) -> str:
    settings, model = item.environment.spec.registry, model_of(item.environment, report.judgement.artifact)
    assert settings is not UNSET
    assert report.promotion is not None
    where = f"{item.environment.metadata.name}/{item.row.name}"
    commit = report.promotion.commit
    landed = f"{where} was promoted by commit {commit}" if commit else f"{where} stands there already"
    wanted = "its model" if model is None else f"version {model.version} of {model.name}"
    return f"{landed}; the alias {settings.alias} of {wanted} was not moved: {fault.message}"


def _noted(report: Report, note: str) -> Report:
    assert report.promotion is not None
    return replace(report, promotion=replace(report.promotion, notes=(*report.promotion.notes, note)))


def _followed(item: Item, means: Means, report: Report) -> Report:
    settings, registry = item.environment.spec.registry, means.registry(item.environment)
    if settings is UNSET or registry is None:
        return report
    assert report.promotion is not None
    model, moved = _settled(item, report, means, registry, settings.alias)
    if model is None:
        return _noted(report, f"the alias {settings.alias} was left: something else was promoted there since")
    told = ModelAlias(
        registry=registry.name, model=model.name, alias=settings.alias, version=model.version, moved=moved
    )
    verb = "was moved to" if moved else "stands at"
    note = f"the alias {told.alias} of the model {told.model} {verb} version {told.version} in {told.registry}"
    return _noted(replace(report, promotion=replace(report.promotion, alias=told)), note)


def _settled(
    item: Item, report: Report, means: Means, registry: ModelRegistry, alias: str
) -> tuple[Model | None, bool]:
    """The version at which it was left, and whether it was moved; None where others have promoted since."""
    moved, settled = False, None
    for record in _newest(item):
        model = model_of(item.environment, record.judgement.artifact)
        if model is None:
            raise InvalidRequestError("the newest record says no version of a model")
        if not moved and not is_about(record, _digest(report)):
            return None, False
        if model == settled:
            return model, moved
        if not _tried(means, partial(_set, registry, alias, model), 1 if item.repeated else TRIES):
            return model, moved
        moved, settled = True, model
    raise CannotActError(f"others promoted there {ROUNDS} times meanwhile")


def _newest(item: Item) -> Iterator[Record]:
    """The newest record, read anew each time. Raises CannotActError where it cannot be believed."""
    for _ in range(ROUNDS):
        tip = item.site.repository.tip()
        record = latest_promotion(tip, item.environment.metadata.name, item.row.name)
        if record is None:
            raise CannotActError("the newest record cannot be believed")
        yield record


def _set(registry: ModelRegistry, alias: str, model: Model) -> bool:
    """Whether it had to be moved. Asked first: an answer that was lost may have been one of success."""
    if registry.alias(model.name, alias) == model.version:
        return False
    registry.set_alias(model.name, alias, model.version)
    return True


def _digest(report: Report) -> str:
    artifact = report.judgement.artifact
    return "" if artifact is None else str(artifact.digest)


def _tried(means: Means, act: Callable[[], T], tries: int) -> T:
    """Again after a random time, longer each time, a few times."""
    most = _FIRST_PAUSE
    for _ in range(tries - 1):
        try:
            return act()
        except CannotActError:
            means.sleep(means.jitter(min(most, means.longest_pause)))
            most *= 2
    return act()
