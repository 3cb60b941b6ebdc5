"""What makes a promotion another than the usual one, for every report: an override, a rollback."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.model.judgement import Promotion, Report
from gatekeeper.reports.plain import line


def marks(promotion: Promotion | None) -> tuple[tuple[str, str], ...]:
    """What it is, and what people should know of it: by whom, of what, why."""
    return () if promotion is None else tuple(_marks(promotion))


def _marks(promotion: Promotion) -> Iterator[tuple[str, str]]:
    forced, back = promotion.override, promotion.rollback
    if forced is not UNSET:
        yield "OVERRIDE", line(f"by {forced.by} of {', '.join(forced.over)}: {forced.reason} ({forced.ticket})")
    if back is not UNSET:
        left = "what nobody had decided" if back.left is None else f"decision {back.left}"
        yield "rolled back", line(f"from {left}: {back.reason}; nothing was judged anew")


def suffix(report: Report) -> str:
    """What stands behind the verdict: `, OVERRIDDEN`, `, ROLLED BACK`; empty where nothing is special."""
    promotion = report.promotion
    if promotion is None:
        return ""
    words = ["WAITING"] if promotion.action == "waiting" else []
    words += ["OVERRIDDEN"] if promotion.override is not UNSET else []
    words += ["ROLLED BACK"] if promotion.rollback is not UNSET else []
    return "".join(f", {word}" for word in words)


def done(promotion: Promotion) -> str:
    """What a commit of it is called."""
    verb = "rolled back" if promotion.rollback is not UNSET else "committed"
    if not promotion.commit:
        return f"would be {verb}"
    tries = f" ({promotion.attempts} attempts)" if promotion.attempts > 1 else ""
    return f"{verb} {'by' if promotion.rollback is not UNSET else 'as'} {line(promotion.commit)}{tries}"
