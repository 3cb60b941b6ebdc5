"""The Markdown report, as GitHub's own parser reads it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Promotion, Report
from gatekeeper.reports import render
from gatekeeper.reports.markdowntext import code, fenced, prose
from tests.reports.acting import assert_quiet
from tests.reports.samples import (
    ACCURACY,
    DENIED,
    HOSTILE,
    LET_THROUGH,
    PLANNED,
    SAMPLES,
    WAITING,
    filled,
    judgement,
    report,
    result,
)

TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
COMMENT = 65_536
"""Characters of a comment on GitHub."""


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.text += data


def read(text: str) -> Tags:
    """What GitHub makes of Markdown; raw HTML is let through, so that it would be seen here."""
    return Tags(cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))


def page(given: Report) -> Tags:
    """A report as GitHub shows it."""
    return read(render("markdown", given))


def shape(tags: Tags) -> list[str]:
    """The tags in order, code spans apart: what cannot stand in one is told as prose."""
    return [tag for tag, attrs in tags.found if (tag, attrs) != ("code", ())]


def test_it_tells_verdict_figures_reason_and_remedy() -> None:
    text = page(DENIED).text
    for part in ("DENIED: churn 1.4.2 for production", "2 of 5 enforced rules failed; 1 warning", "0.842", ">= 0.88"):
        assert part in text
    for part in ("-0.038", "Below this the retention campaign", "Remedy: Retrain on newer data", "values.accuracy"):
        assert part in text


def test_a_waived_rule_is_told_with_who_let_it_through() -> None:
    text = page(LET_THROUGH).text
    assert "fail, waived until 2026-12-01" in text
    assert "approved by dave" in text


def test_waiting_and_change_are_told() -> None:
    assert "not before 2026-11-24T09:00:00Z" in page(WAITING).text
    assert "+    newTag: 1.4.2" in page(PLANNED).text


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_tables_lists_and_folds_and_never_a_link(sample: str) -> None:
    tags = {tag for tag, _ in page(SAMPLES[sample]).found}
    assert tags <= {"h2", "h3", "p", "strong", "sub", "br", "details", "summary", "ul", "li", *TABLE, "pre", "code"}


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_become_markup(words: str) -> None:
    text = render("markdown", filled(words))
    assert_quiet(text)
    assert shape(read(text)) == shape(page(filled("plain")))


@given(st.text(min_size=1).map(lambda text: f"x{text}"))
def test_no_text_at_all_becomes_markup(words: str) -> None:
    assert shape(page(filled(words))) == shape(page(filled("plain")))


MARKUP = st.text(alphabet=st.sampled_from(list("ab1 \n\\`*_{}[]()<>#+-.!|~@:&;\"'$^=%/"))).map(lambda text: f"x{text}")


@given(MARKUP)
def test_no_run_of_marks_becomes_markup(words: str) -> None:
    assert shape(page(filled(words))) == shape(page(filled("plain")))


@given(MARKUP)
def test_prose_reads_as_it_was_written(words: str) -> None:
    shown = read(f"so: {prose(words)}").text.replace("\u200b", "").strip()
    assert shown == f"so: {' '.join(words.split())}".strip()


@given(MARKUP)
def test_a_name_reads_as_it_was_written(words: str) -> None:
    shown = read(f"| a |\n|---|\n| {code(words)} |").text.replace("\u200b", "").split("\n")
    assert " ".join(words.split()) in shown or " ".join(words.split()) in " ".join(shown)


@pytest.mark.parametrize(
    "words",
    [
        "@everyone",
        "me@evil.example",
        "https://evil.example",
        "www.evil.example",
        "WWW.evil.example",
        "#12",
        "owner/name#12",
        "GH-12",
        "gh-12",
        "!12",
        "$12",
        ":octocat:",
        ":+1:",
        "~label",
    ],
)
def test_what_forges_look_for_after_parsing_is_parted(words: str) -> None:
    """Forges search the text of the page once more; nothing that they would find is left whole."""
    text = read(prose(f"see {words} there")).text
    assert words not in text
    assert words in text.replace("\u200b", "")
    assert not any(tag == "a" for tag, _ in read(prose(f"see {words} there")).found)


def test_figures_and_times_are_left_whole() -> None:
    for words in ("2026-11-23T07:00:00Z", "0.842 >= 0.88", "-0.038", "95 %", "p95 612.5 ms"):
        assert read(f"so: {prose(words)}").text.strip() == f"so: {words}"


@given(st.text(alphabet="`~a\n"))
def test_a_fence_holds_whatever_it_holds(words: str) -> None:
    tags = read("\n".join([*fenced(words, "diff"), "after"]))
    assert [tag for tag, _ in tags.found] == ["pre", "code", "p"]


@pytest.mark.parametrize("length", [0, 3000])
@pytest.mark.parametrize("count", [1, 40, 3000])
def test_it_fits_a_comment_and_says_what_it_left_out(count: int, length: int) -> None:
    words = "<" * length or "short"
    many = [result(f"rule-{at}", "fail", why=words, remedy=words, message=words) for at in range(count)]
    text = render("markdown", report(judgement("denied", *many)))
    assert len(text) <= COMMENT
    assert ("left out for length" in text) == (count * (length + 20) > 20_000)
    assert f"{count} of {count} enforced rule" in text


def test_what_blocks_is_told_before_all_else_is_cut() -> None:
    noise = [result(f"noise-{at}", "fail", enforcement="warn", why="w" * 500) for at in range(500)]
    text = render("markdown", report(judgement("denied", *noise, ACCURACY)))
    assert "accuracy 0.842 is below 0.88" in text
    assert re.search(r"and \d+ more, left out for length", text)


def test_an_enormous_change_is_cut_inside_its_fence() -> None:
    promotion = Promotion(action="committed", diff="+x\n" * 100_000)
    text = render("markdown", report(DENIED.judgement, promotion=promotion))
    assert len(text) <= COMMENT
    assert "accuracy 0.842 is below 0.88" in text
    assert "+x\n\n… and " in text
    assert text.count("```") == 2
