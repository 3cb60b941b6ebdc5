"""What all artifacts of a promotion will read of their branches, fetched together: in as few requests as for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec import UNSET

from gatekeeper.app.evaluate import Judged
from gatekeeper.app.look import Look, check_home
from gatekeeper.errors import CannotActError
from gatekeeper.model.environment import Environment
from gatekeeper.ports import Tip
from gatekeeper.records.facts import facts_path
from gatekeeper.records.history import latest_promotion
from gatekeeper.records.place import newest_first, record_folder


def fetch_ahead(look: Look, judged: Iterable[Judged]) -> None:
    """The manifests and newest records of these artifacts, all of one environment, and of what comes before it.

    Raises InvalidRequestError where they would be read from another branch than the one that rules.
    """
    found = [one for one in judged if one.environment is not None and one.row is not None]
    if not found:
        return
    environment = found[0].environment
    assert environment is not None
    check_home(environment, look.home.branch)
    tip = look.site(environment).tip
    names = [one.row.name for one in found if one.row is not None]
    manifests = [place.path for one in found if one.row is not None for place in one.row.manifests]
    own = [record_folder(environment.metadata.name, name) for name in names]
    before = [record_folder(after.environment, name) for after in environment.spec.after for name in names]
    _fetch(tip, manifests, [*own, *before])


def fetch_handed(look: Look, environment: Environment, names: Sequence[str]) -> None:
    """The newest records of these artifacts in the environment that hands them over, and the facts that they name.

    Whatever is wrong with one of them is said where that one is handed over.
    """
    site, name = look.site(environment), environment.metadata.name
    _fetch(site.tip, (), [record_folder(name, artifact) for artifact in names])
    with suppress(CannotActError):
        records = [latest_promotion(site.tip, name, artifact) for artifact in names]
        facts = [one.context.facts for one in records if one is not None and one.context.facts is not UNSET]
        site.repository.kept(sorted({facts_path(digest) for some in facts for digest in some if digest is not None}))


def _fetch(tip: Tip, files: Iterable[str], folders: Sequence[str]) -> None:
    """First the folders, which tell the newest records' names; then all files in one request."""
    files = tuple(files)
    tip.prefetch([*folders, *filter(None, (path.rpartition("/")[0] for path in files))])
    with suppress(CannotActError):  # a folder that is none is refused where it is read
        files += tuple(f"{folder}/{name}" for folder in folders for name in newest_first(tip.names(folder))[:1])
    tip.prefetch(files)
