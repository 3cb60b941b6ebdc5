"""Order and time over the installed command: what waits, until when, and what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.model.instants import format_instant, parse_instant
from tests.cli.scene import IMAGE, change, make_repository, shown, tip, write_fresh_reports
from tests.conftest import Command

PRODUCTION, STAGING = "environments/production.yaml", "environments/staging.yaml"
ORDER = "    - {environment: staging}          # the same digest, promoted there by an allowed decision\n"
FOREVER = "    freeze: [{from: 2026-01-01, to: 2999-01-01, why: the year-end closing}]\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


def ask(
    command: Command, repository: Path, place: Path, env: str, *more: str, verb: str = "promote"
) -> tuple[int, str, str]:
    arguments: list[str | Path] = ["--env", env, "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    return command(verb, *arguments, *more)


def edit(repository: Path, path: str, old: str, new: str) -> None:
    text = shown(repository, path) + "\n"
    assert old in text
    change(repository, {path: text.replace(old, new)})


def waiting(out: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(out)["promotion"]["waiting"]
    return found


def test_a_soak_is_waited_for_to_the_second_it_began(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    place = write_fresh_reports(tmp_path)
    edit(repository, PRODUCTION, ORDER, "    - {environment: staging, soak: 24h}\n")
    code, out, _ = ask(gatekeeper, repository, place, "production", "--format", "json")
    assert (code, [one["condition"] for one in waiting(out)]) == (5, ["after"])

    code, out, _ = ask(gatekeeper, repository, place, "staging", "--format", "json")
    landed = parse_instant(json.loads(out)["judged_at"])
    assert code == 0
    before = tip(repository)
    for verb in ("plan", "promote"):
        code, out, _ = ask(gatekeeper, repository, place, "production", "--format", "json", verb=verb)
        (one,) = waiting(out)
        assert (code, one["condition"]) == (5, "soak")
        until = parse_instant(one["until"])
        assert landed <= until - timedelta(hours=24) <= landed + timedelta(minutes=5)
        assert json.loads(out)["promotion"]["not_before"] == format_instant(until)
    assert tip(repository) == before

    edit(repository, PRODUCTION, "soak: 24h", "soak: 0s")
    code, out, _ = ask(gatekeeper, repository, place, "production", "--format", "json")
    assert (code, json.loads(out)["promotion"]["action"]) == (0, "committed")


def test_what_was_changed_by_hand_has_not_soaked(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    place = write_fresh_reports(tmp_path)
    manifest = "environments/staging/churn/kustomization.yaml"
    before = shown(repository, manifest) + "\n"
    ask(gatekeeper, repository, place, "staging")
    promoted = shown(repository, manifest) + "\n"
    change(repository, {manifest: before})
    change(repository, {manifest: promoted})
    edit(repository, PRODUCTION, ORDER, "    - {environment: staging, soak: 1h}\n")
    code, out, _ = ask(gatekeeper, repository, place, "production", "--format", "json")
    (one,) = waiting(out)
    assert (code, one["condition"], one["until"]) == (5, "soak", None)
    assert "is to stay anew" in one["message"]


def test_a_freeze_stops_what_is_allowed_and_every_report_says_so(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    place = write_fresh_reports(tmp_path)
    windows = f"  windows:\n    timezone: Europe/Berlin\n{FOREVER}"
    edit(repository, STAGING, "  delivery:", f"{windows}  delivery:")
    before = tip(repository)
    for form in ("text", "json", "junit", "sarif", "markdown", "github", "html"):
        code, out, _ = ask(gatekeeper, repository, place, "staging", "--format", form)
        assert code == 5
        assert "freeze" in out
        assert "closing" in out
    assert tip(repository) == before


def test_a_circle_and_an_unknown_zone_are_refused_before_anything_is_judged(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    place = write_fresh_reports(tmp_path)
    edit(repository, STAGING, "  delivery:", "  after: [{environment: production}]\n  delivery:")
    code, out, said = ask(gatekeeper, repository, place, "production")
    assert (code, out) == (2, "")
    assert "production -> staging -> production" in said
    assert "environments/staging.yaml:" in said
    edit(repository, STAGING, "  after: [{environment: production}]", "  windows: {timezone: Europe/Berln}")
    code, out, said = ask(gatekeeper, repository, place, "staging")
    assert (code, out) == (2, "")
    assert "there is no time zone 'Europe/Berln'" in said
