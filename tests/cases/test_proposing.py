"""For policies of any limits: what is proposed passes, notices what it is for, and in the end nothing is left."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.cases.writing import case_text
from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.documents import load
from gatekeeper.policy.plain import read_plain
from tests.cases.scene import METRICS, policy
from tests.cases.test_coverage import alive, with_proposals

limits = st.one_of(
    st.integers(-5, 2000),
    st.decimals(-10, 10, places=2).map(float),
    st.sampled_from([1e-6, 0.1, 1 / 3, 12345.678, 5e9]),
)
ranges = st.tuples(limits, limits).filter(lambda two: abs(two[0] - two[1]) > 3)


def _of_metric(number: int, given: Any) -> dict[str, Any]:
    low, high = sorted(given)
    return {"id": f"r{number}", "metric": {"name": f"m{number}", "min": low, "max": high}}


def _of_cel(number: int, given: Any) -> dict[str, Any]:
    sign, limit, joiner, other = given
    path = "evidence.metrics.values"
    return {"id": f"r{number}", "require": f"{path}.a{number} {sign} {limit!r} {joiner} {path}.b{number} >= {other!r}"}


of_metric = ranges.map(lambda two: lambda number: _of_metric(number, two))
of_cel = st.tuples(
    st.sampled_from([">=", ">", "<=", "<", "==", "!="]),
    limits.map(float),
    st.sampled_from(["&&", "||"]),
    limits.map(float),
).map(lambda four: lambda number: _of_cel(number, four))


@settings(max_examples=10)
@given(st.lists(of_metric | of_cel, min_size=1, max_size=3))
def test_pasting_ends_with_nothing_that_survives(makers: Any) -> None:
    rules = [make(number) for number, make in enumerate(makers)]
    coverage = with_proposals(policy(*rules, evidence=METRICS))
    assert (alive(coverage), coverage.percent) == (set(), 100.0)


texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"), max_size=20
)
scalars = st.one_of(
    texts, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


REFUSED = ("cannot be seen", "longer than", "too small", "merge keys")


@given(texts.filter(str.strip), st.dictionaries(texts, values, max_size=3))
def test_a_case_is_read_back_as_it_was_written(name: str, facts: dict[str, Any]) -> None:
    """Save what our files may not hold at all, which is then refused."""
    spec = {"policy": "p", "evidence": {"at": {"predicate": facts}}, "expect": {"verdict": "allowed"}}
    text = case_text(name, spec)
    assert text.isprintable() or text.replace("\n", "").isprintable()
    try:
        (document,) = load(text.encode(), "case.yaml")
    except InvalidFileError as refused:
        told = str(refused)
        assert any(word in told for word in REFUSED), told
        return
    assert document.tree.value["metadata"]["name"] == name
    assert document.tree.value["spec"] == spec


def test_words_that_yaml_reads_otherwise_are_quoted() -> None:
    for word in ("yes", "null", "no", "on", "a: b", "- a", "#a", "", " a", "1.0", "~", "<<", "a "):
        text = case_text("x", {"policy": word})
        (line,) = (line for line in text.split("\n") if "policy:" in line)
        written = line.partition(": ")[2]
        assert written.startswith('"') or read_plain(written) == word
