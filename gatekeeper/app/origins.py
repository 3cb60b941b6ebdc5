"""Where each value in force was written."""

from __future__ import annotations

from gatekeeper.judge.prepare import Application

Written = tuple[str, int]
"""A file and a line."""


def applied_at(application: Application) -> Written:
    """Where the policy was made to apply: in an environment or one of its rows; for a file alone, the policy itself."""
    if application.by is None:
        return application.document.file, application.document.place("metadata", "name")[0]
    return application.by.file, application.by.place(*application.at, "name")[0]


def enforced_at(application: Application) -> Written | None:
    """Where the enforcement was written; None where it is the usual one, and nobody wrote it."""
    by = application.by
    if by is None or by.tree.node(*application.at, "enforcement") is None:
        return None
    return by.file, by.key_place(*application.at, "enforcement")[0]


def written_at(application: Application, parameter: str) -> Written:
    """Where a parameter's value was written: in the environment or row that sets it, else in the policy."""
    by = application.by
    if by is not None and parameter in application.parameters:
        return by.file, by.key_place(*application.at, "parameters", parameter)[0]
    document = application.document
    return document.file, document.key_place("spec", "parameters", parameter, "default")[0]


def origin_of(application: Application, parameter: str) -> str:
    """`policy` for a default, `environment` or `artifact` for a value that one of these sets."""
    if application.by is None or parameter not in application.parameters:
        return "policy"
    return "artifact" if "artifacts" in application.at else "environment"
