"""Two states of the policies, compared: the texts, what environments make of them, and the shipped tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from gatekeeper.app.applied import applications_of
from gatekeeper.app.flips import Shipped, flips
from gatekeeper.app.origins import applied_at, written_at
from gatekeeper.comparison.bindings import Applied, Bound, environment_changes, not_told
from gatekeeper.comparison.policies import paired, policy_changes
from gatekeeper.comparison.view import View, view_of
from gatekeeper.comparison.waivers import waiver_changes
from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.model.compared import EFFECTS, Change, Compared, Site
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.project import Folders
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.library import Place, load_environment, load_policies, load_waivers
from gatekeeper.policy.trust import TRUST_FILE
from gatekeeper.ports import Tree


class Side(Struct, frozen=True, kw_only=True):
    """One of the two: policies, the environments that apply them, their cases; `label` is how the user called it."""

    label: str
    policies: tuple[Document, ...]
    environments: tuple[Place, ...] = ()
    waivers: tuple[Document, ...] = ()
    trust: str | None = None
    shipped: Shipped | None = None


def file_side(label: str, data: bytes, shipped: Shipped) -> Side:
    """One policy file, and where its cases would lie. Raises InvalidFileError."""
    return Side(label=label, policies=load(data, label, frozenset({"Policy"})), shipped=shipped)


def tree_side(label: str, tree: Tree, folders: Folders) -> Side:
    """Every policy and environment of a tree. Raises InvalidFileError, or InvalidRequestError where it has none."""
    policies = load_policies(tree, folders.policies)
    if not policies:
        raise InvalidRequestError(f"{label} holds no policy ({folders.policies}/*.yaml)")
    return Side(
        label=label,
        policies=policies,
        environments=_environments(tree, folders.environments),
        waivers=load_waivers(tree, folders.waivers) if folders.environments else (),
        trust=_trust(tree) if folders.environments else None,
        shipped=Shipped(tree=tree, folder=folders.policies),
    )


def _environments(tree: Tree, folder: str) -> tuple[Place, ...]:
    """None where the folder has no name: then the policies were named alone."""
    if not folder:
        return ()
    names = [name.removesuffix(".yaml") for name in tree.names(folder) if name.endswith(".yaml")]
    return tuple(load_environment(tree, folder, name) for name in names)


def _trust(tree: Tree) -> str | None:
    data = tree.read(TRUST_FILE)
    return None if data is None else sha256_of(data)


def compare(before: Side, after: Side, engines: Sequence[Engine]) -> Compared:
    """Every difference, ordered by what it lets through. Raises InvalidFileError where a side is not sound."""
    texts = tuple(_texts(before, after))
    bound = environment_changes(_bound(before), _bound(after))
    waived = waiver_changes(before.waivers, after.waivers)
    found = (*texts, *not_told(bound, texts), *waived, *_trusted(before, after))
    ordered = sorted(found, key=lambda one: EFFECTS.index(one.effect))
    shipped = [side.shipped for side in (after, before) if side.shipped is not None]
    tests = flips(before.policies, after.policies, shipped, engines)
    return Compared(before=before.label, after=after.label, changes=tuple(ordered), tests=tests)


def _trusted(before: Side, after: Side) -> Iterator[Change]:
    """Whose signatures count: how much that changes is for a person to read."""
    if before.trust != after.trust:
        site = Site(TRUST_FILE, 1)
        yield Change(
            kind="added" if before.trust is None else "removed" if after.trust is None else "changed",
            effect="unclear",
            policy="",
            subject=TRUST_FILE,
            words="whose keys count, and for what, may differ",
            before=None if before.trust is None else site,
            after=None if after.trust is None else site,
        )


def _texts(before: Side, after: Side) -> Iterator[Change]:
    if len(before.policies) == len(after.policies) == 1:
        yield from policy_changes(before.policies[0], after.policies[0])
        return
    for old, new in paired(before.policies, after.policies):
        yield from policy_changes(old, new)


def _bound(side: Side) -> dict[str, Bound]:
    views: dict[str, View] = {}
    return {
        place.environment.metadata.name: Bound(
            document=place.document,
            images={row.name: row.image for row, _ in place.rows},
            artifacts={
                row.name: _applied(applications_of(place, row, origin, side.policies), views)
                for row, origin in place.rows
            },
        )
        for place in side.environments
    }


def _applied(applications: list[Application], views: dict[str, View]) -> Mapping[str, Applied]:
    """Each policy with the values in force. Raises InvalidFileError where one does not fit."""
    found = {}
    for application in applications:
        view = _view(application, views)
        found[view.name] = Applied(
            view=view,
            enforcement=application.enforcement,
            site=Site(*applied_at(application)),
            values={name: Site(*written_at(application, name)) for name in view.settings or ()},
        )
    return found


def _view(application: Application, views: dict[str, View]) -> View:
    """Many artifacts have a policy with the same values: it is taken apart once."""
    key = f"{application.document.file} {sorted(application.parameters.items())!r}"
    if key not in views:
        (ready,) = prepare([application], ())
        views[key] = view_of(application.document, ready.settings)
    return views[key]
