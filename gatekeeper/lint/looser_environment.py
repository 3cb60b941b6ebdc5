"""`looser-environment`: an environment asks less than one that it comes after."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.expressions import Position
from gatekeeper.judge.prepare import Application
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.lint.loosening import loosened
from gatekeeper.lint.subject import Applied, Site, Spot, Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.versions import version_key

ID = "looser-environment"
SEVERITY: Level = "warning"
SUMMARY = "An environment is looser than one that it comes after: what was refused there could pass here."
_REMEDY = "Ask at least as much here, or allow it with the reason."
_RANK = {"audit": 0, "warn": 1, "deny": 2}

Pair = tuple[Application, ReadyPolicy]


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each policy, enforcement, version, parameter and limit that is looser."""
    for site in subject.sites:
        for after in site.environment.spec.after:
            before = subject.site(after.environment)
            for row in site.rows if before is not None else ():
                earlier = next((one for one in before.rows if one.row.name == row.row.name), None)  # type: ignore[union-attr]
                if earlier is not None:
                    yield from _row(site, row, after.environment, earlier)


def _row(site: Site, row: Applied, name: str, earlier: Applied) -> Iterator[Finding]:
    mine = {ready.policy.metadata.name: pair for pair in _pairs(row) for ready in (pair[1],)}
    for application, ready in _pairs(earlier):
        policy = ready.policy.metadata.name
        if policy not in mine:
            if application.enforcement == "deny":
                where = spot(site.place.document, "spec", "policies")
                message = f"policy {policy} applies in {name}, and not in {site.name}"
                yield found(ID, SEVERITY, where, message, _REMEDY, policy=policy)
            continue
        yield from _policy(site.name, mine[policy], name, ready)


def _pairs(row: Applied) -> Iterator[Pair]:
    return zip(row.applications, row.ready, strict=True)


def _policy(here: str, pair: Pair, there: str, earlier: ReadyPolicy) -> Iterator[Finding]:
    application, ready = pair
    policy = ready.policy.metadata.name
    if _RANK[ready.enforcement] < _RANK[earlier.enforcement]:
        message = f"{policy} is at {ready.enforcement} in {here} and at {earlier.enforcement} in {there}"
        yield found(ID, SEVERITY, _spot(application, "enforcement"), message, _REMEDY, policy=policy)
    mine, theirs = ready.policy.metadata.version, earlier.policy.metadata.version
    if version_key(mine) < version_key(theirs):
        message = f"{policy} is at version {mine} in {here} and at {theirs} in {there}"
        yield found(ID, SEVERITY, _spot(application, "version"), message, _REMEDY, policy=policy)
    for parameter, rule, text in loosened(ready, earlier):
        where = _spot(application, *(("parameters", parameter) if parameter else ("version",)))
        message = f"{policy}: {text.format(here=here, there=there)}"
        yield found(ID, SEVERITY, where, message, _REMEDY, policy=policy, rule=rule)


def _spot(application: Application, *key: str) -> Spot:
    """Where the environment says it, or where it names the policy."""
    by, at = application.by, application.at
    assert by is not None
    written: Position = (*at, *key)
    return spot(by, *(written if by.tree.node(*written) is not None else (*at, "name")))
