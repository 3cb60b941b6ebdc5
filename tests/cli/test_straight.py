"""The straight way gives what click gives, or leaves the call to click."""

from __future__ import annotations

from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.cli import evaluate
from gatekeeper.cli.straight import options_of
from gatekeeper.cli.table import EVALUATE

NAMES = [name for option in EVALUATE for name in option.names]
TOKENS = [
    *NAMES, *[f"{name}=x" for name in NAMES], "--format=json", "json", "html", "x", "", "-", "--", "-x", "-vv", "-qv",
    "-h", "--help", "--for", "--nonsense", "always", "cel-cpp", "a=b", "--env=", "--evidence=-", "--policy-repo",
]  # fmt: skip


def by_click(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any] | None:
    """The options as click hands them to the command; None where it refuses them or shows help."""
    found: list[dict[str, Any]] = []

    def judge(options: dict[str, Any]) -> int:
        found.append(options)
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(evaluate, "judge", judge)
        try:
            evaluate.command.main(list(arguments), standalone_mode=False)
        except (click.ClickException, click.exceptions.Exit):
            return None
    return found[0] if found else None


@settings(max_examples=300)
@given(arguments=st.lists(st.sampled_from(TOKENS), max_size=7))
def test_what_goes_straight_is_what_click_reads(arguments: list[str]) -> None:
    straight = options_of(arguments)
    if straight is not None:
        with pytest.MonkeyPatch.context() as patch:
            assert by_click(arguments, patch) == straight


def test_a_usual_call_goes_straight() -> None:
    arguments = [
        "--env",
        "staging",
        "--evidence",
        "a",
        "--evidence=b=c",
        "--format",
        "json",
        "--report",
        "html=r.html",
        "-q",
        "-v",
        "--cross-check",
    ]
    found = options_of(arguments)
    assert found is not None
    assert (found["environment"], found["evidence"], found["format_"]) == ("staging", ("a", "b=c"), "json")
    assert (found["reports"], found["quiet"], found["verbose"], found["cross_check"]) == (
        ("html=r.html",),
        True,
        1,
        True,
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--nonsense"], ["--format", "yaml"], ["--env"], ["--sign-key", "k"]]
)
def test_help_and_mistakes_are_left_to_click(arguments: list[str]) -> None:
    assert options_of(arguments) is None
