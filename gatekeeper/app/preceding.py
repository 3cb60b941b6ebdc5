"""The environments that one comes after, near and far; an order that leads back to itself is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.model.environment import Environment
from gatekeeper.policy.library import Place, load_environment
from gatekeeper.ports import Tree

MOST = 200
"""Environments that are read for one of which they come before."""


def load_before(tree: Tree, folder: str, place: Place) -> tuple[Environment, ...]:
    """The environments that come directly before, each with all its rows under `artifacts`.

    Those before them are read, too: an unknown one, or a circle, is a problem of the file that names it. Raises
    InvalidFileError.
    """
    order = _Order(tree, folder)
    order.walk(place, (place.environment.metadata.name,))
    return tuple(_whole(order.places[after.environment]) for after in place.environment.spec.after)


def circles(places: Mapping[str, Place]) -> Iterator[Problem]:
    """Each circle in the order of a project's environments, once, as a problem of the file that closes it."""
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> Iterator[Problem]:
        for index, after in enumerate(places[name].environment.spec.after if name in places else ()):
            if after.environment in path and after.environment != name:
                yield _circle(places[name], index, path)
            elif after.environment not in done and after.environment != name:
                yield from walk(after.environment, (*path, after.environment))
        done.add(name)

    for name in places:
        if name not in done:
            yield from walk(name, (name,))


class _Order:
    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree = tree
        self._folder = folder
        self.places: dict[str, Place] = {}

    def walk(self, place: Place, path: tuple[str, ...]) -> None:
        """Everything that comes before; `path` leads there, and ends with this one."""
        for index, after in enumerate(place.environment.spec.after):
            if after.environment in path:
                raise InvalidFileError([_circle(place, index, path)])
            if after.environment not in self.places:
                self.places[after.environment] = self._load(place, index)
                self.walk(self.places[after.environment], (*path, after.environment))

    def _load(self, place: Place, index: int) -> Place:
        name = place.environment.spec.after[index].environment
        at = place.document.place("spec", "after", index, "environment")
        if len(self.places) == MOST:
            message = f"more than {MOST} environments come before this one"
            raise InvalidFileError([Problem(message, place.document.file, *at)])
        try:
            return load_environment(self._tree, self._folder, name)
        except InvalidRequestError as fault:
            raise InvalidFileError([Problem(fault.message, place.document.file, *at, fault.remedy)]) from fault


def _circle(place: Place, index: int, path: tuple[str, ...]) -> Problem:
    name = place.environment.spec.after[index].environment
    at = place.document.place("spec", "after", index, "environment")
    if name == path[-1]:
        return Problem("an environment cannot come after itself", place.document.file, *at)
    circle = " -> ".join((*path[path.index(name) :], name))
    message = f"the order of environments is a circle, {circle}: each comes after the next, and none can be first"
    return Problem(message, place.document.file, *at, "Take one of them out of the circle.")


def _whole(place: Place) -> Environment:
    spec = place.environment.spec
    rows = tuple(row for row, _ in place.rows)
    return msgspec.structs.replace(
        place.environment, spec=msgspec.structs.replace(spec, artifacts=rows, include=(), manifests=())
    )
