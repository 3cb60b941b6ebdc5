"""The page: whole in itself, without script, and no words of others in it that are more than words."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Interval, Report
from gatekeeper.reports import render
from gatekeeper.reports.html_bars import bar
from tests.reports.acting import assert_quiet
from tests.reports.samples import (
    ACCURACY,
    CRITICAL,
    DENIED,
    HOSTILE,
    LET_THROUGH,
    PLANNED,
    PROMOTED,
    SAMPLES,
    UNDECIDED,
    WAITING,
    filled,
    judgement,
    report,
    result,
)

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Tags, attributes, text and balance of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.comments: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it, and what it carries."""
        self.tags.append(tag)
        self.attributes += [(tag, name, text) for name, text in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it; it closes itself."""
        self.tags.append(tag)
        self.attributes += [(tag, name, text) for name, text in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        """Keep it."""
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        """Keep it, style apart."""
        if self.open and self.open[-1] != "style":
            self.text += data


def shape(page: Page) -> list[str]:
    """The tags in order, but for those of added and removed lines, of which there are as many as a change has."""
    return [tag for tag in page.tags if tag not in {"ins", "del"}]


def read(given: Report) -> Page:
    """The page of a report, with every tag closed."""
    page = Page(render("html", given))
    assert page.open == []
    return page


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_asks_nothing_of_anybody(sample: str) -> None:
    page = read(SAMPLES[sample])
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base", "a"} & set(page.tags)
    assert not any(name.startswith("on") or name in {"src", "href", "style"} for _, name, _ in page.attributes)
    style = re.findall(r"<style>(.*?)</style>", render("html", SAMPLES[sample]), re.DOTALL)
    assert len(style) == 1
    assert set(re.findall(r"url\(([^)]*)\)", style[0])) == {"#hatch"}
    assert "@import" not in style[0]


def test_its_policy_allows_its_own_style_and_nothing_else() -> None:
    text = render("html", DENIED)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_it_tells_what_failed_by_how_much_and_what_to_do() -> None:
    text = read(DENIED).text
    for part in ("DENIED churn 1.4.2 for production", "2 of 5 enforced rules failed; 1 warning", "accuracy 0.842 is"):
        assert part in text
    for part in ("≥ 0.88", "-0.038", "Remedy: Retrain", "Why: Below this", "sha256:" + "d4" * 32, "reports/leftover"):
        assert part in text


def test_it_tells_waivers_waiting_change_and_record() -> None:
    assert "fail, waived until 2026-12-01" in read(LET_THROUGH).text
    assert "approved by dave" in read(LET_THROUGH).text
    assert "1 of 2 approvals: bob is missing" in read(WAITING).text
    assert "+    newTag: 1.4.2" in read(PLANNED).text
    assert "decisions/production/churn/" in read(PROMOTED).text
    assert "9f2c4b7d1e0a86355f1be7c2f3d4a5968b7c6d5e" in read(PROMOTED).text
    assert "not evaluated" in read(UNDECIDED).text


def test_what_only_warns_or_is_waived_is_told_in_full_too() -> None:
    for sample in (DENIED, LET_THROUGH):
        page = read(sample).text
        assert "What did not pass, but does not stand in the way" in page
    assert "Remedy: Profile the service" in read(DENIED).text
    assert "What stands in the way, and what to do" not in read(LET_THROUGH).text


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_can_be_heard(sample: str) -> None:
    page = read(SAMPLES[sample])
    levels = [int(tag[1]) for tag in page.tags if tag in {"h1", "h2", "h3"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("th") == sum(1 for tag, name, _ in page.attributes if (tag, name) == ("th", "scope"))
    pictures = [text for tag, name, text in page.attributes if (tag, name) == ("svg", "aria-label")]
    assert len(pictures) == sum(1 for tag, name, text in page.attributes if (tag, name, text) == ("svg", "role", "img"))
    assert all(pictures)


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_become_markup(words: str) -> None:
    assert_quiet(render("html", filled(words)))
    page, plain = read(filled(words)), read(filled("plain"))
    assert shape(page) == shape(plain)
    assert page.comments == []
    assert [name for _, name, _ in page.attributes] == [name for _, name, _ in plain.attributes]


@given(st.text().map(lambda text: f"x{text}"))
def test_no_text_at_all_becomes_markup(words: str) -> None:
    assert shape(read(filled(words))) == shape(read(filled("plain")))


def test_words_are_shown_as_they_are() -> None:
    assert """<b title="x">'&amp;'</b>""" in read(filled("""<b title="x">'&amp;'</b>""")).text


def places(picture: str, kind: str) -> list[float]:
    """The numbers in the first shape of a kind."""
    shape = re.search(rf'<(?:rect|path) class="{kind}"[^>]*>', picture)
    assert shape, f"no {kind} in {picture}"
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", shape[0].split('"', 2)[2])]


def test_a_share_is_drawn_on_a_scale_to_one() -> None:
    picture = bar(ACCURACY)
    left, _, width, _ = places(picture, "edge")
    assert (left, width) == (4.0, pytest.approx(0.842 * 160, abs=0.06))
    assert places(picture, "limit")[0] == pytest.approx(4 + 0.88 * 160, abs=0.06)
    assert places(picture, "whisker")[0] == pytest.approx(4 + 0.832 * 160, abs=0.06)
    assert places(picture, "span")[2] == 164.0, "the good side of a lower limit is above it"


def test_passed_is_solid_and_not_passed_is_hatched() -> None:
    good = result("f1", observed=0.9, limit=0.8, comparator=">=", margin=0.1)
    assert 'class="value"' in bar(good)
    assert 'class="hatch"' not in bar(good)
    assert 'class="hatch"' in bar(CRITICAL)
    assert 'class="value"' not in bar(CRITICAL)


def test_a_picture_says_its_figures_aloud() -> None:
    assert 'aria-label="0.842, limit &gt;= 0.88, margin -0.038"' in bar(ACCURACY)


@pytest.mark.parametrize("observed", [None, True, "0.9", [1], float("nan"), float("inf"), {}])
def test_what_is_no_number_has_no_picture(observed: object) -> None:
    assert bar(result("x", observed=observed, limit=1)) == ""
    assert bar(result("x", observed=1, limit=observed)) == ""


@given(
    observed=st.floats(allow_nan=False, allow_infinity=False),
    limit=st.floats(allow_nan=False, allow_infinity=False),
    interval=st.none() | st.tuples(st.floats(), st.floats()),
    comparator=st.sampled_from(["<", "<=", ">", ">=", "==", None]),
)
def test_a_picture_stays_in_its_frame(
    observed: float, limit: float, interval: tuple[float, float] | None, comparator: str | None
) -> None:
    ends = interval and Interval(lower=interval[0], upper=interval[1], confidence=0.95, sides=2, method="given")
    picture = bar(result("x", "fail", observed=observed, limit=limit, comparator=comparator, interval=ends))
    if picture:
        for kind in ("edge", "limit"):
            place = places(picture, kind)[0]
            assert 4 <= place <= 164
        left, _, width, _ = places(picture, "edge")
        assert left + width <= 164.11


def test_a_page_of_many_rules_names_them_all() -> None:
    many = [result(f"rule-{at}", "fail") for at in range(300)]
    text = read(report(judgement("denied", *many))).text
    assert all(f"model-quality / rule-{at}" in text for at in range(300))
