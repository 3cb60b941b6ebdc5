"""What is known of a path before any evidence is read: a parameter's bounds, and what a kind's numbers can be."""

from __future__ import annotations

from math import inf
from typing import Any

from msgspec import UNSET

from gatekeeper.evidence.kinds import ITEM, KEY, fields
from gatekeeper.lint.logic.value import UNKNOWN, Choice, Known, Range, Value
from gatekeeper.model.policy import Parameter, PolicySpec

Path = tuple[str | int, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHARES = _words(
    "error_rate failed_share selection_rate true_positive_rate false_positive_rate precision objective "
    "lowest_selection_rate highest_selection_rate"
)
_POSITIVE = _words("mean min max p50 p90 p95 p99 requests_per_second duration_seconds burn_rate events errors")
_SIGNED = _words("exit_status")

_UNIT, _SYMMETRIC, _FROM_ZERO, _UP_TO_ONE = Range(0.0, 1.0), Range(-1.0, 1.0), Range(0.0, inf), Range(-inf, 1.0)
_METRICS = {
    _UNIT: _words(
        "accuracy balanced_accuracy precision recall sensitivity specificity f1 f1_score f1_macro f1_micro f1_weighted "
        "auc roc_auc auroc pr_auc auprc average_precision jaccard iou dice map ndcg brier brier_score ece "
        "positive_rate error_rate selection_rate true_positive_rate false_positive_rate tpr fpr"
    ),
    _SYMMETRIC: _words("mcc matthews_corrcoef cohen_kappa kappa pearson spearman kendall silhouette gini"),
    _FROM_ZERO: _words("rmse mse mae mape smape log_loss logloss"),
    _UP_TO_ONE: _words("r2 r2_score explained_variance"),
}
_PARTS = ("test", "val", "valid", "validation", "eval", "train", "holdout")


def bounds(spec: PolicySpec, path: Path) -> Range | None:
    """What a number of evidence can be by the definition of its kind; None where nothing is known."""
    if path[:1] != ("evidence",) or len(path) < 3 or path[1] not in spec.evidence:
        return None
    kind = field_type(spec, path)
    last = str(path[-1])
    if last in _SIGNED or kind not in ("integer", "number"):
        return None
    if last in _SHARES or "gaps" in path[2:-1]:
        return _UNIT
    return _FROM_ZERO if kind == "integer" or last in _POSITIVE else None


def usual(spec: PolicySpec, path: Path) -> Range | None:
    """What a metric of this name can be, as the field uses the name; None for a name without such a meaning."""
    if path[:1] != ("evidence",) or len(path) != 4 or path[2] != "values":
        return None
    requirement = spec.evidence.get(str(path[1]))
    if requirement is None or requirement.kind != "metrics":
        return None
    name = str(path[3]).replace("/", ".").rpartition(".")[2].lower().replace("-", "_").replace(" ", "_")
    head, _, rest = name.partition("_")
    bare = rest if head in _PARTS and rest else name
    return next((range_ for range_, names in _METRICS.items() if bare in names), None)


def field_type(spec: PolicySpec, path: Path) -> str:
    """The type of a field of evidence, such as `integer`; empty where the kind does not say."""
    requirement = spec.evidence.get(str(path[1])) if len(path) > 2 else None
    return "" if requirement is None else _types(requirement.kind).get(_general(requirement.kind, path[2:]), ("", 0))[0]


def is_certain(spec: PolicySpec, path: Path) -> bool:
    """Whether a field is there wherever what it stands in is there."""
    requirement = spec.evidence.get(str(path[1])) if len(path) > 2 else None
    return requirement is not None and bool(
        _types(requirement.kind).get(_general(requirement.kind, path[2:]), ("", False))[1]
    )


_known: dict[str, dict[str, tuple[str, bool]]] = {}


def _types(kind: str) -> dict[str, tuple[str, bool]]:
    if kind not in _known:
        _known[kind] = {field.path: (field.type, field.required) for field in fields(kind)}
    return _known[kind]


def _general(kind: str, path: Path) -> str:
    """A path as the table of a kind's fields writes it: keys of maps and places of lists by their placeholder."""
    text = ""
    for part in path:
        options = (f"{text}.{part}" if text else str(part), f"{text}[{KEY}]", f"{text}[{ITEM}]")
        text = next((one for one in options if _begins(kind, one)), options[0])
    return text


def _begins(kind: str, text: str) -> bool:
    return any(path == text or path.startswith((f"{text}.", f"{text}[")) for path in _types(kind))


class Beforehand:
    """The leaves of a policy's expressions: `params` by their bounds or, where `settings` are given, by their value.

    With `settings`, metrics are what their names usually mean; without `measured`, evidence may be anything.
    """

    def __init__(self, spec: PolicySpec, settings: dict[str, Any] | None = None, *, measured: bool = True) -> None:
        self.spec, self.settings, self.measured = spec, settings, measured

    def __call__(self, path: Path) -> Value:
        """What is known of the value at a path."""
        if path[0] == "params" and len(path) == 2 and path[1] in self.spec.parameters:
            name = str(path[1])
            if self.settings is not None and name in self.settings:
                return Known(self.settings[name])
            return _allowed(self.spec.parameters[name])
        if not self.measured:
            return UNKNOWN
        return bounds(self.spec, path) or (self.settings is not None and usual(self.spec, path)) or UNKNOWN


def _allowed(parameter: Parameter) -> Value:
    if parameter.choices is not UNSET and all(isinstance(choice, str) for choice in parameter.choices):
        return Choice(frozenset(map(str, parameter.choices))) if parameter.type == "string" else UNKNOWN
    if parameter.type not in ("number", "integer"):
        return UNKNOWN
    low = -inf if parameter.minimum is UNSET else float(parameter.minimum)
    return Range(low, inf if parameter.maximum is UNSET else float(parameter.maximum))
