"""From `--about`, `--artifact` and `--sign-key` to what is bound and who signs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from gatekeeper.connect.report_files import read_file
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.digests import is_commit, is_id, is_md5, is_sha256
from gatekeeper.model.image import parse_image
from gatekeeper.records.binding import Subject
from gatekeeper.records.keys import Signer, load_signer
from gatekeeper.wiring.artifact import read_artifact

MAX_KEY = 64 * 1024
SIDES = ("artifact", "model", "commit", "run", "dataset")


def subjects_of(about: Iterable[str], artifact: str | None) -> tuple[Subject, ...]:
    """What is named, each once. Raises InvalidRequestError for what names nothing that could be compared."""
    found = [subject for text in about for subject in _about(text)]
    if artifact is not None:
        found += _carried(read_artifact(artifact), artifact)
    unique = {(subject.algorithm, subject.value): subject for subject in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda subject: (subject.name, subject.value)))


def _about(text: str) -> Iterator[Subject]:
    side, mark, value = text.partition("=")
    if side not in SIDES or not mark or not value.strip():
        raise InvalidRequestError(f"--about {text!r} is not SIDE=VALUE", f"Sides: {', '.join(SIDES)}.")
    if side == "artifact" and not is_sha256(value):
        image = parse_image(value)
        if image.digest is None:
            raise InvalidRequestError(
                f"--about artifact={value} has no digest, and a tag may name another image tomorrow",
                "Give artifact=NAME@sha256:….",
            )
        yield _digest(image.written, image.digest)
    elif side == "dataset":
        name, named, digest = value.rpartition("=")
        yield _data(name if named else "dataset", digest, text)
    elif side == "commit":
        yield _commit(value, text)
    elif side == "run":
        yield _id("run", value, text)
    elif is_sha256(value):
        yield _digest(side, value)
    else:
        raise InvalidRequestError(f"--about {text!r} is not {side}=sha256:… with 64 lower-case hex digits")


def _digest(name: str, digest: str) -> Subject:
    return Subject(name=name, algorithm="sha256", value=digest.removeprefix("sha256:"))


def _data(name: str, digest: str, text: str) -> Subject:
    if is_sha256(digest):
        return _digest(name, digest)
    if is_md5(digest):
        return Subject(name=name, value=digest)
    raise InvalidRequestError(f"--about {text!r} is not dataset=[NAME=]sha256:… or md5:…")


def _id(name: str, value: str, given: str) -> Subject:
    if not is_id(value):
        raise InvalidRequestError(
            f"{given!r}: a {name} is written in 1 to 200 printable characters without spaces, and no digest"
        )
    return Subject(name=name, value=value)


def _commit(commit: str, text: str) -> Subject:
    if not is_commit(commit):
        raise InvalidRequestError(f"--about {text!r} is not a commit in full: 40 or 64 lower-case hex digits")
    return Subject(name="commit", algorithm="gitCommit", value=commit)


def _carried(artifact: Artifact, given: str) -> list[Subject]:
    found: list[Subject] = []
    if artifact.digest is not None:
        found.append(_digest(artifact.image, artifact.digest))
    if artifact.model is not None and artifact.model.digest is not UNSET:
        found.append(_digest("model", artifact.model.digest))
    if artifact.commit is not None:
        is_full = is_commit(artifact.commit)
        found.append(_commit(artifact.commit, given) if is_full else _id("commit", artifact.commit, given))
    if artifact.run is not None:
        found.append(_id("run", artifact.run, given))
    found += [_data(name, digest, given) for name, digest in artifact.datasets.items()]
    if not found:
        raise InvalidRequestError(f"--artifact {given} carries no digest, commit or run", "Give it with a digest.")
    return found


def signers_of(paths: Iterable[str], passphrase: bytes | None) -> tuple[Signer, ...]:
    """The keys in these files. Raises InvalidRequestError for one that cannot be read or cannot sign."""
    return tuple(_signer(path, passphrase) for path in paths)


def _signer(path: str, passphrase: bytes | None) -> Signer:
    try:
        data = read_file(path, MAX_KEY)
    except CannotActError as fault:
        raise InvalidRequestError(f"the key {path}: {fault.message}") from fault
    return load_signer(data, passphrase, path)
