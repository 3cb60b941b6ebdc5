"""Which metrics a first gate asks for, and with which limits: what was observed, less a margin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from msgspec import Struct

from gatekeeper.lint.logic.known import usual
from gatekeeper.lint.logic.value import Range
from gatekeeper.model.policy import PolicySpec, Requirement
from gatekeeper.policy.plain import read_plain

MOST = 12
"""Rules for metrics in a first gate; more would be copied, not thought about."""

# Whole words of a metric's name, as scikit-learn, Keras, Hugging Face and MLflow spell them.
_HIGHER_WORDS = """
accuracy acc auc auroc roc_auc average_precision ap map f1 fbeta precision recall sensitivity specificity r2 score bleu
rouge rouge1 rouge2 rougel meteor ndcg mrr iou miou dice jaccard mcc kappa ssim psnr hit hits coverage exact_match em
throughput gini ks
"""
_LOWER_WORDS = """
loss error err mae mse rmse rmsle mape smape wape logloss log_loss cross_entropy entropy perplexity ppl wer cer ter
brier ece latency ms seconds duration time fpr fnr hamming gap bias drift psi regret hinge deviance nll
"""
_HIGHER, _LOWER = (frozenset(words.split()) for words in (_HIGHER_WORDS, _LOWER_WORDS))
_SPEC = PolicySpec(rules=(), evidence={"metrics": Requirement(kind="metrics")})


class FirstLimit(Struct, frozen=True, kw_only=True):
    """One rule for one metric; limits and the observed value are decimal text, as they are written."""

    metric: str
    id: str
    observed: str
    least: str | None = None
    most: str | None = None
    is_share: bool = False

    def parameter(self, bound: str) -> str:
        """The parameter's name."""
        return f"{bound}_{self.id}".replace("-", "_").replace(".", "_")


class Choice(Struct, frozen=True):
    """The metrics that get a rule; the names of those whose better side is not known, and of those that are not what
    their name says, as an accuracy of 91.2.
    """

    limits: tuple[FirstLimit, ...]
    unjudged: tuple[str, ...]
    misnamed: tuple[str, ...] = ()


def choose(values: Mapping[str, float], margin: Decimal) -> Choice:
    """Rules for the metrics whose better side their name tells; where it tells of none, both sides of the first few."""
    misnamed = tuple(name for name, value in values.items() if not _is_as_named(name, value))
    usable = [name for name, value in values.items() if _is_usable(name, value) and name not in misnamed]
    known = [name for name in usable if direction(name) is not None]
    chosen = known[:MOST] or usable[:3]
    taken: set[str] = set()
    limits = tuple(_limit(name, values[name], margin, taken) for name in chosen)
    unjudged = tuple(name for name in values if name not in chosen and name not in misnamed)
    return Choice(limits, unjudged, misnamed)


def _is_as_named(name: str, value: float) -> bool:
    """Whether the number can be what its name says, as `policy check` reads names."""
    span = _usual(name)
    return span is None or span.low <= value <= span.high


def _usual(name: str) -> Range | None:
    return usual(_SPEC, ("evidence", "metrics", "values", name))


def direction(name: str) -> str | None:
    """`higher` or `lower` where exactly one is what the name's last telling word says is better; else None."""
    words = _words(name)
    for word in reversed(words):
        if word in _LOWER:
            return "lower"
        if word in _HIGHER:
            return "higher"
    return None


def _words(name: str) -> list[str]:
    """`val_Recall@10` as val, recall, 10; two neighbours joined are a word, too, as `roc_auc`."""
    plain = [word for word in re.split(r"[^a-z0-9]+", _snake(name)) if word]
    pairs = [f"{one}_{two}" for one, two in pairwise(plain)]
    return [*plain, *pairs]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _limit(name: str, value: float, margin: Decimal, taken: set[str]) -> FirstLimit:
    observed = Decimal(repr(value))
    slack = abs(observed) * margin / 100
    better = direction(name)
    span = _usual(name)
    least, most = _rounded(observed - slack, ROUND_FLOOR), _rounded(observed + slack, ROUND_CEILING)
    # A limit that nothing can miss would be none.
    if span is not None and most >= Decimal(span.high):
        most = observed
    if span is not None and least < Decimal(span.low):
        least = observed
    return FirstLimit(
        metric=name,
        id=_id(name, taken),
        observed=plain(observed),
        least=None if better == "lower" else plain(least),
        most=None if better == "higher" else plain(most),
        is_share=better == "higher" and span is not None and (span.low, span.high) == (0.0, 1.0),
    )


def _rounded(value: Decimal, how: str) -> Decimal:
    """To three digits, outwards: a limit must not be stricter than the margin says."""
    if not value:
        return Decimal(0)
    place = max(value.adjusted() - 2, -12)
    return value.quantize(Decimal(1).scaleb(place), rounding=how)


def plain(value: Decimal) -> str:
    """A decimal as it is written: no exponent, no trailing zeros, at least one digit before the point."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def beyond(limit: str, sign: int) -> str:
    """A number that is just on the bad side: half a unit of the last digit that is written."""
    value = Decimal(limit)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return plain(value + sign * Decimal(5).scaleb(min(exponent, 0) - 1))


def _id(name: str, taken: set[str]) -> str:
    """A rule's id out of a metric's name, and unlike all others."""
    stem = re.sub(r"[^a-z0-9]+", "-", _snake(name)).strip("-")[:60].strip("-")
    if not stem[:1].isalpha() or read_plain(stem) != stem:
        stem = f"metric-{stem}".rstrip("-")
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    taken.add(found)
    return found


def _is_usable(name: str, value: float) -> bool:
    """Whether name and value can be written in a policy as they are, and read by a person."""
    is_plain = bool(name) and len(name) <= 200 and name.isprintable() and "`" not in name
    return is_plain and (value == 0 or 1e-9 <= abs(value) <= 1e12)
