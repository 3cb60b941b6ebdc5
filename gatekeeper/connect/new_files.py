"""Writing files that are not there yet: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from gatekeeper.errors import CannotActError, InvalidRequestError


def write_new(root: str, files: Mapping[str, bytes]) -> None:
    """Write `files`, by path below `root`, which is made where it is not there.

    Raises InvalidRequestError where one exists, or a folder leads out of `root`; CannotActError where the disk refuses.
    Either way nothing is left of them.
    """
    _refuse_existing(root, files)
    made: list[str] = []
    try:
        _make_folder(os.path.abspath(root), made)
        for path, data in files.items():
            place = os.path.join(os.path.abspath(root), *path.split("/"))
            _make_folder(os.path.dirname(place), made)
            _check_inside(root, place)
            with open(place, "xb") as file:
                made.append(place)
                file.write(data)
    except BaseException as fault:
        _remove(reversed(made))
        if isinstance(fault, FileExistsError):
            raise InvalidRequestError(f"{fault.filename} exists, and is not overwritten") from fault
        if isinstance(fault, OSError):
            raise CannotActError(f"{fault.filename} cannot be written: {fault.strerror}") from fault
        raise


def _refuse_existing(root: str, files: Iterable[str]) -> None:
    there = [path for path in files if os.path.lexists(os.path.join(root, *path.split("/")))]
    if there:
        raise InvalidRequestError(
            f"nothing was written, because there is already: {', '.join(there)}",
            "Move these away, or write elsewhere with --dir.",
        )


def _make_folder(folder: str, made: list[str]) -> None:
    """Make a folder and those above it, and note each that is new."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        os.mkdir(one)
        made.append(one)


def _check_inside(root: str, place: str) -> None:
    """A linked folder must not lead what is written to somewhere else."""
    real, inside = os.path.realpath(root), os.path.realpath(os.path.dirname(place))
    if inside != real and not inside.startswith(os.path.join(real, "")):
        raise InvalidRequestError(f"{os.path.dirname(place)} leads out of {root}, and nothing is written there")


def _remove(places: Iterable[str]) -> None:
    for place in places:
        try:
            if os.path.isdir(place):
                os.rmdir(place)
            else:
                os.unlink(place)
        except OSError:
            continue
