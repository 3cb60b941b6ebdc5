"""What separates groups, by fairness definition. What is undefined for one group is undefined for all: never 0.

Computed on exact fractions, of the counts or of the decimals that a report gives, and rounded once: 0.4 and 0.3 are
0.1 apart here, not 0.10000000000000003, so that a gap at its limit is judged as people would.
"""

from __future__ import annotations

from collections.abc import Collection

from gatekeeper.model.facts import Group

Ratio = tuple[int, int]


def ratios(n: int, counts: dict[str, int]) -> dict[str, tuple[int | None, int | None]]:
    """Each rate's numerator and denominator, as far as the counts give them."""
    positives = counts.get("positives")
    return {
        "selection_rate": (counts.get("selected"), n),
        "true_positive_rate": (counts.get("true_positives"), positives),
        "false_positive_rate": (counts.get("false_positives"), None if positives is None else n - positives),
        "precision": (counts.get("true_positives"), counts.get("selected")),
    }


def gaps(groups: Collection[Group]) -> dict[str, float]:
    """The gaps by definition, largest minus smallest rate over all groups; the ratio is smallest over largest.

    Equalized odds is the larger of the gaps of true and of false positive rates. Empty with one group alone, where
    nothing was compared, and when nobody is selected, where a gap of 0 would read as fair.
    """
    if len(groups) < 2 or not _anybody_selected(groups):
        return {}
    selection, true_positive, false_positive, precision = (
        _extremes(groups, name) for name in ("selection_rate", "true_positive_rate", "false_positive_rate", "precision")
    )
    found: dict[str, float] = {}
    if selection:
        found["demographic_parity_difference"] = _difference(*selection)
        if selection[1][0]:
            found["demographic_parity_ratio"] = _quotient(*selection)
    if true_positive:
        found["equal_opportunity_difference"] = _difference(*true_positive)
    if true_positive and false_positive:
        found["equalized_odds_difference"] = max(_difference(*true_positive), _difference(*false_positive))
    if precision:
        found["predictive_parity_difference"] = _difference(*precision)
    return found


def _anybody_selected(groups: Collection[Group]) -> bool:
    known = [(group.selection_rate, group.true_positive_rate, group.false_positive_rate) for group in groups]
    return any(isinstance(rate, float) and rate > 0 for rates in known for rate in rates)


def _extremes(groups: Collection[Group], name: str) -> tuple[Ratio, Ratio] | None:
    """The smallest and largest rate; None where a group has none."""
    exact = [_exact(group, name) for group in groups]
    known = [ratio for ratio in exact if ratio]
    if len(known) < len(exact):
        return None
    return min(known, key=_value), max(known, key=_value)


def _exact(group: Group, name: str) -> Ratio | None:
    rate = getattr(group, name)
    if not isinstance(rate, float):
        return None
    names = ("selected", "positives", "true_positives", "false_positives")
    counts = {count: value for count in names if isinstance(value := getattr(group, count), int)}
    part, of = ratios(group.n, counts)[name]
    if part is not None and of:
        return part, of
    from decimal import Decimal  # only where a report gives rates without counts

    return Decimal(repr(rate)).as_integer_ratio()


def _value(ratio: Ratio) -> float:
    return ratio[0] / ratio[1]


def _difference(least: Ratio, most: Ratio) -> float:
    return (most[0] * least[1] - least[0] * most[1]) / (most[1] * least[1])


def _quotient(least: Ratio, most: Ratio) -> float:
    return (least[0] * most[1]) / (least[1] * most[0])
