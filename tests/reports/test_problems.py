"""What stderr says of a file that cannot be used, or of an act that could not be done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import CannotActError, InvalidFileError, InvalidRequestError, Problem
from gatekeeper.reports.problems import render_error
from tests.reports.acting import assert_quiet
from tests.reports.samples import HOSTILE


def test_every_problem_has_its_place_and_its_remedy() -> None:
    error = InvalidFileError(
        [
            Problem("unknown key 'mni'", "policies/a.yaml", 12, 5, "Did you mean 'min'?"),
            Problem("no rule is left", "policies/b.yaml"),
        ]
    )
    assert render_error(error, False) == (
        "policies/a.yaml:12:5: unknown key 'mni'\n"
        "  Did you mean 'min'?\n"
        "policies/b.yaml: no rule is left\n"
        "\n"
        "2 problems in 2 files\n"
    )


def test_one_problem_is_not_counted() -> None:
    error = InvalidFileError([Problem("it is empty", "gatekeeper.yaml", 1)])
    assert render_error(error, False) == "gatekeeper.yaml:1: it is empty\n"


def test_other_errors_say_what_to_do_too() -> None:
    assert render_error(InvalidRequestError("there is no environment 'prod'", "Did you mean 'production'?"), False) == (
        "error: there is no environment 'prod'\n  Did you mean 'production'?\n"
    )
    assert render_error(CannotActError("git said:\nno\n\nway"), False) == "error: git said:\n  no\n  way\n"


def test_colour_only_when_told() -> None:
    assert render_error(CannotActError("no"), True) == "\x1b[1;31merror:\x1b[0m no\n"


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_act(words: str) -> None:
    assert_quiet(render_error(InvalidFileError([Problem(words, words, 1, 1, words), Problem(words)]), False))
    assert_quiet(render_error(CannotActError(words, words), False))


@given(st.text())
def test_no_text_at_all_acts(words: str) -> None:
    assert_quiet(render_error(InvalidFileError([Problem(words, words, 1, 1, words), Problem(words)]), False))
    assert_quiet(render_error(InvalidRequestError(words, words), False))
