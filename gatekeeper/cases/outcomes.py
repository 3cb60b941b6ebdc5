"""What came of a case's rules and evidence, each rule judged when somebody asks: a draft is about one of many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gatekeeper.judge.prepared import ReadyRule

Rules = Mapping[str, ReadyRule]
"""The rules of a policy, by id."""


class Outcomes(Mapping[str, str]):
    """By rule id, or `evidence/<name>`; evidence that is there passes, optional evidence that is not is skipped.

    `judge` tells the outcome of a rule, and is asked once for each.
    """

    def __init__(self, evidence: Mapping[str, str], rules: Rules, judge: Callable[[ReadyRule], str]) -> None:
        self._known = dict(evidence)
        self._evidence = tuple(evidence)
        self._rules = rules
        self._judge = judge

    def __getitem__(self, key: str) -> str:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._judge(self._rules[key])
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._evidence
        yield from self._rules

    def __len__(self) -> int:
        return len(self._evidence) + len(self._rules)


class Changed(Mapping[str, str]):
    """Outcomes of which some came otherwise; None for one that is gone."""

    def __init__(self, before: Mapping[str, str], changes: Mapping[str, str | None]) -> None:
        self._before = before
        self._changes = changes

    def __getitem__(self, key: str) -> str:
        found = self._changes[key] if key in self._changes else self._before[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return (key for key in {**dict.fromkeys(self._before), **self._changes} if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
