"""Every sample in every format, word for word."""

from __future__ import annotations

import pytest

from gatekeeper import __version__
from gatekeeper.reports import RENDERERS, render
from tests.conftest import Golden
from tests.reports.samples import SAMPLES, filled

SUFFIXES = {"text": "txt", "json": "json", "junit": "xml", "sarif": "sarif", "markdown": "md", "github": "log"}


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("form", RENDERERS)
def test_a_report_reads_as_agreed(form: str, sample: str, golden: Golden) -> None:
    text = render(form, SAMPLES[sample]).replace(f'"{__version__}"', '"VERSION"')
    golden(f"reports/{sample}.{SUFFIXES.get(form, form)}", text)


def test_colour_is_only_colour(golden: Golden) -> None:
    golden("reports/denied-colour.txt", render("text", SAMPLES["denied"], color=True))


def test_a_wide_terminal_is_used(golden: Golden) -> None:
    golden("reports/undecided-wide.txt", render("text", SAMPLES["undecided"], width=120))


@pytest.mark.parametrize("form", RENDERERS)
def test_a_report_full_of_markup_reads_as_agreed(form: str, golden: Golden) -> None:
    text = render(form, filled("::error::</p>\x1b[1m|`@b` [x](javascript:y)")).replace(f'"{__version__}"', '"VERSION"')
    golden(f"reports/hostile.{SUFFIXES.get(form, form)}", text)
