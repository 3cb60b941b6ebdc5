"""What holds for every format."""

from __future__ import annotations

import pytest

from gatekeeper.errors import InvalidRequestError
from gatekeeper.reports import RENDERERS, render
from tests.reports.samples import SAMPLES


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_report_ends_its_last_line_and_can_be_encoded(form: str, sample: str) -> None:
    text = render(form, SAMPLES[sample])
    assert text.endswith("\n")
    assert text.encode("utf-8")
    assert text == render(form, SAMPLES[sample])


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_report_says_the_verdict(form: str, sample: str) -> None:
    verdict = SAMPLES[sample].judgement.verdict
    text = render(form, SAMPLES[sample]).lower()
    if form == "junit":
        stopped = verdict != "allowed"
        assert stopped == ("<failure" in text or "<error" in text)
    else:
        assert verdict in text


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InvalidRequestError, match="sarif"):
        render("pdf", SAMPLES["allowed"])
