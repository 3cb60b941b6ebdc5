"""What a project has for a first gate: its metrics, its tests, and its CI."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from importlib.resources import files as package_files

from msgspec import Struct

from gatekeeper import __version__
from gatekeeper.app.start.files import Wanted, files_of
from gatekeeper.app.start.found import Found, FoundMetrics, FoundTests
from gatekeeper.app.start.limits import choose, direction
from gatekeeper.app.start.project import CI_FILES, TEMPLATES, Deployed
from gatekeeper.connect.new_files import write_new
from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.evidence.opened import MAX_BYTES
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.image import parse_image

MOST_LOOKED_AT = 5000
DEEPEST = 4
_SKIPPED = frozenset({"node_modules", "venv", "env", "site-packages", "dist", "build", "__pycache__"})
_METRICS = ("metrics", "metric", "scores", "eval", "evaluation", "results")
_JUNIT = ("junit", "test-", "tests", "test_", "pytest", "report")
_CI_SIGNS = (("github", ".github"), ("gitlab", ".gitlab-ci.yml"), ("jenkins", "Jenkinsfile"))


class Asked(Struct, frozen=True, kw_only=True):
    """The options as typed; what is not given is looked for."""

    folder: str
    metrics: str | None = None
    junit: str | None = None
    ci: str | None = None
    margin: str = "5"
    gitops: bool = False
    image: str | None = None


class Started(Struct, frozen=True, kw_only=True):
    """What was written, and out of what."""

    found: Found
    files: tuple[str, ...]
    ci: str | None
    environment: bool
    also: tuple[str, ...]
    unusable: dict[str, str] = {}
    """Files that are called like what was not found, with the reason why they are not it."""


def start(asked: Asked, tell: Callable[[str], None]) -> Started:
    """Look, and write the gate. Raises InvalidRequestError where something is in the way, and then writes nothing."""
    if os.path.lexists(asked.folder) and not os.path.isdir(asked.folder):
        raise InvalidRequestError(f"--dir {asked.folder!r} is not a folder")
    tell("looking for metrics and test reports")
    looked = _Looked(asked.folder)
    found = Found(metrics=_metrics(asked, looked), tests=_tests(asked, looked))
    ci = _ci(asked)
    wanted = Wanted(
        margin=_margin(asked.margin),
        version=__version__,
        ci=ci,
        template="" if ci is None else _template(ci),
        deployed=_deployed(asked) if asked.gitops or asked.image is not None else None,
    )
    files = files_of(found, wanted)
    write_new(asked.folder, files)
    return Started(
        found=found,
        files=tuple(files),
        ci=ci,
        environment=wanted.deployed is not None,
        also=tuple(looked.also),
        unusable=looked.unusable,
    )


class _Looked:
    """The files of the folder whose names sound like reports, each read once.

    `also` are those that were not taken; `unusable`, with the reason, what is called like something that was not found.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.also: list[str] = []
        self.unusable: dict[str, str] = {}
        self._paths = sorted(_walk(folder), key=lambda path: (path.count("/"), path)) if os.path.isdir(folder) else []

    def first(
        self, ending: str, words: tuple[str, ...], kind: str, fits: Callable[[str, Envelope], bool] = lambda _, __: True
    ) -> tuple[str, Envelope] | None:
        """The first file that reads as evidence of the kind and `fits`."""
        taken: tuple[str, Envelope] | None = None
        broken: dict[str, str] = {}
        for path in self._paths:
            name = path.rpartition("/")[2].lower()
            if not name.endswith(ending) or not any(word in path.lower() for word in words):
                continue
            read = None if taken is not None and len(self.also) > 20 else _read(os.path.join(self.folder, path), path)
            if read is None or not path.isprintable():
                continue
            if read.reason is not None and read.kind in (kind, None):
                broken[path] = read.reason
            if read.kind != kind or read.status != "evaluated":
                continue
            if taken is None and fits(name, read):
                taken = path, read
            else:
                self.also.append(path)
        self.unusable |= {} if taken is not None else broken
        return taken


def _walk(top: str) -> Iterator[str]:
    """Paths below `top`, hidden and installed things left out; linked folders are not followed."""
    count = 0
    for folder, folders, names in os.walk(top):
        inner = os.path.relpath(folder, top).replace(os.sep, "/")
        depth = 0 if inner == "." else inner.count("/") + 1
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _SKIPPED and depth < DEEPEST
        )
        for name in sorted(names):
            count += 1
            if count > MOST_LOOKED_AT:
                return
            if os.path.isfile(os.path.join(folder, name)):  # a pipe would be waited for
                yield name if inner == "." else f"{inner}/{name}"


def _read(place: str, source: str, producer: str | None = None) -> Envelope | None:
    try:
        data = read_file(place, MAX_BYTES)
    except CannotActError:
        return None
    return envelope(data, source=source, producer=producer)


def _metrics(asked: Asked, looked: _Looked) -> FoundMetrics | None:
    given = asked.metrics
    taken = looked.first(".json", _METRICS, "metrics", _is_of_model) if given is None else _given(asked, given, "json")
    if taken is None:
        return None
    path, read = taken
    return FoundMetrics(path=path, values=dict(read.facts["values"]))


def _is_of_model(name: str, read: Envelope) -> bool:
    """A dashboard or a setting holds numbers, too; only a file that is plainly called so may have nameless ones."""
    values = read.facts["values"]
    is_known = name == "metrics.json" or any(direction(metric) for metric in values)
    return is_known and bool(choose(values, Decimal(0)).limits)


def _tests(asked: Asked, looked: _Looked) -> FoundTests | None:
    given = asked.junit
    taken = looked.first(".xml", _JUNIT, "tests") if given is None else _given(asked, given, "junit")
    if taken is None:
        return None
    path, read = taken
    counts = {key: read.facts[key] for key in ("ran", "skipped", "failures", "errors")}
    return FoundTests(path=path, **counts)


def _given(asked: Asked, path: str, producer: str) -> tuple[str, Envelope]:
    """A file that the user named, which must be what it is said to be."""
    read = _read(path, path, producer)
    if read is None:
        raise InvalidRequestError(f"{path} cannot be read", "Name a file that is there.")
    if read.status != "evaluated":
        raise InvalidRequestError(f"{path}: {read.reason}")
    relative = os.path.relpath(path, asked.folder).replace(os.sep, "/")
    if not relative.isprintable():
        raise InvalidRequestError(f"{relative!a} has a name that cannot be written in YAML", "Rename the file.")
    return relative, read


def _ci(asked: Asked) -> str | None:
    if asked.ci is not None:
        return None if asked.ci == "none" else asked.ci
    return next((ci for ci, sign in _CI_SIGNS if os.path.exists(os.path.join(asked.folder, sign))), None)


def _template(ci: str) -> str:
    assert ci in CI_FILES
    return (package_files("gatekeeper") / "templates" / TEMPLATES[ci]).read_text(encoding="utf-8")


def _margin(text: str) -> Decimal:
    try:
        margin = Decimal(text)
    except InvalidOperation:
        margin = Decimal(-1)
    if not (margin.is_finite() and 0 <= margin <= 50 and len(text) <= 10):
        raise InvalidRequestError(f"--margin {text!r} is no percentage from 0 to 50")
    return margin


def _deployed(asked: Asked) -> Deployed:
    """The image that was given, else one that is called as the folder, and has to be put right."""
    if asked.image is None:
        folder = os.path.basename(os.path.realpath(asked.folder))
        name = re.sub(r"[^a-z0-9]+", "-", folder.lower())[:60].strip("-") or "service"
        return Deployed(name=name, image=f"registry.example/{name}", is_made_up=True)
    image = parse_image(asked.image)
    if image.tag or image.digest:
        message = f"--image {asked.image!r} names one release"
        raise InvalidRequestError(message, "Give the image without tag and digest.")
    return Deployed(name=image.written.rpartition("/")[2], image=image.written)
