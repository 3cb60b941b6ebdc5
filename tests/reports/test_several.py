"""Several artifacts in one report: each format holds all of them, and none takes another's place."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import JudgedArtifact, Report
from gatekeeper.reports import RENDERERS
from gatekeeper.reports import render as render_one
from gatekeeper.reports.document import reports_schema
from gatekeeper.reports.markdown import MOST
from gatekeeper.reports.several import render
from tests.reports.samples import ACCURACY, GOOD_ACCURACY, judgement, report


def of(name: str, *results: object) -> Report:
    artifact = JudgedArtifact(name=name, image=f"registry.example/{name}", tag="1", digest="sha256:" + "a" * 64)
    verdict = "denied" if ACCURACY in results else "allowed"
    return report(judgement(verdict, *results, artifact=artifact))  # type: ignore[arg-type]


PAIR = (of("churn", GOOD_ACCURACY), of("fraud", ACCURACY))


@pytest.mark.parametrize("name", RENDERERS)
def test_one_alone_is_as_it_always_was(name: str) -> None:
    assert render(name, PAIR[:1]) == render_one(name, PAIR[0])


@pytest.mark.parametrize("name", RENDERERS)
def test_every_artifact_is_in_every_format(name: str) -> None:
    text = render(name, PAIR)
    assert text.endswith("\n")
    assert all(artifact in text for artifact in ("churn", "fraud"))


def test_json_is_a_list_under_a_schema_of_its_own() -> None:
    document = json.loads(render("json", PAIR))
    assert document["schema"] == "gatekeeper.reports/v1"
    assert document["reports"] == [json.loads(render_one("json", one)) for one in PAIR]
    Draft202012Validator(reports_schema()).validate(document)


def test_sarif_has_a_run_for_each_under_another_category() -> None:
    runs = json.loads(render("sarif", PAIR))["runs"]
    assert len({run["automationDetails"]["id"].rpartition("/")[0] for run in runs}) == 2


def test_no_two_cases_of_junit_have_one_name_and_all_are_counted() -> None:
    root = ElementTree.fromstring(render("junit", PAIR))
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases) == int(root.get("tests", "0"))
    assert root.get("failures") == "1"


def test_html_is_one_page() -> None:
    text = render("html", PAIR)
    assert [text.count(tag) for tag in ("<html", "<body", "</body>", "</html>", "<main>")] == [1, 1, 1, 1, 2]


def test_markdown_fits_into_a_comment_and_says_what_does_not() -> None:
    many = PAIR * 100
    text = render("markdown", many)
    assert len(text) < MOST + 200
    assert "more artifacts, left out for length" in text


def test_a_format_that_there_is_not() -> None:
    with pytest.raises(InvalidRequestError, match="no report format"):
        render("pdf", PAIR)
