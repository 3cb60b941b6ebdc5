"""What a case expects, and whether it came so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.model.judgement import Judgement, Result
from gatekeeper.model.policy import Policy
from gatekeeper.model.policytest import Expectation, ExpectedResult
from gatekeeper.model.tested import Mismatch
from gatekeeper.policy.near import near


class Text(Struct, frozen=True, kw_only=True):
    """The message and path that a case fixes of a result; None for what it leaves open."""

    message: str | None
    path: str | None

    def fits(self, message: str, path: str | None) -> bool:
        """Whether they are as expected; a path may be given from `evidence` on, or from the facts on."""
        if self.message is not None and self.message != message:
            return False
        return self.path is None or (path is not None and self.path in _spellings(path))


def _spellings(path: str) -> tuple[str, ...]:
    short = path.split(".", 2)[2] if path.startswith("evidence.") and path.count(".") >= 2 else path
    return (path, short)


class Wanted:
    """The expectation of a case, ready to be compared."""

    def __init__(self, expect: Expectation) -> None:
        self.expect = expect
        self.verdict = None if expect.verdict is UNSET else expect.verdict
        self.results: dict[str, str] = {key: _outcome(wanted) for key, wanted in expect.results.items()}
        self.texts = {key: text for key, wanted in expect.results.items() if (text := _text(wanted)) is not None}

    def results_hold(self, outcomes: Mapping[str, str]) -> bool:
        """Whether every result that is named is as expected; one of a rule that is not there is not."""
        return all(outcomes.get(key) == wanted for key, wanted in self.results.items())

    def check(self, policy: Policy, complain: Callable[[tuple[str | int, ...], str, str], None]) -> None:
        """Refuse names that the policy does not have, and an expectation that nothing could disappoint."""
        given = dict.fromkeys(f"evidence/{name}" for name in policy.spec.evidence)
        for key in self.results:
            if key not in given and not any(rule.id == key for rule in policy.spec.rules):
                known = [*(rule.id for rule in policy.spec.rules), *given]
                remedy = near(key, known) or f"There is {', '.join(known)}."
                complain(("expect", "results", key), f"policy {policy.metadata.name} has no rule `{key}`", remedy)
        if not self.results and self.verdict is None:
            complain(("expect",), "the case expects nothing, so it could not fail", "Give `verdict` or `results`.")

    def mismatches(self, judgement: Judgement, outcomes: Mapping[str, str]) -> tuple[Mismatch, ...]:
        """Everything that came otherwise, with what the judge says of it."""
        found: list[Mismatch] = []
        if self.verdict is not None and self.verdict != judgement.verdict:
            found.append(Mismatch(what="verdict", expected=self.verdict, got=judgement.verdict))
        results = {result.rule: result for result in judgement.results}
        for key, wanted in self.results.items():
            result = results.get(key)
            if outcomes[key] != wanted:
                found.append(_mismatch(key, wanted, outcomes[key], result))
            elif key in self.texts:
                found += _texts(key, self.texts[key], result)
        return tuple(found)


def _outcome(wanted: str | ExpectedResult) -> str:
    return wanted if isinstance(wanted, str) else wanted.result


def _text(wanted: str | ExpectedResult) -> Text | None:
    if isinstance(wanted, str) or (wanted.message is UNSET and wanted.path is UNSET):
        return None
    message = None if wanted.message is UNSET else wanted.message
    return Text(message=message, path=None if wanted.path is UNSET else wanted.path)


def _texts(key: str, text: Text, result: Result | None) -> list[Mismatch]:
    message, path = ("", None) if result is None else (result.message, result.path)
    found = []
    if not Text(message=text.message, path=None).fits(message, path):
        found.append(_mismatch(f"{key}, message", str(text.message), message, result))
    if not Text(message=None, path=text.path).fits(message, path):
        found.append(_mismatch(f"{key}, path", str(text.path), path or "", result))
    return found


def _mismatch(what: str, expected: str, got: str, result: Result | None) -> Mismatch:
    said: dict[str, Any] = {}
    if result is not None:
        keys = ("message", "observed", "limit", "comparator", "margin", "evidence", "path")
        said = {key: getattr(result, key) for key in keys}
    return Mismatch(what=what, expected=expected, got=got, **said)
