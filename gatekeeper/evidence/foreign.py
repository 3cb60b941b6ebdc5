"""Reports of tools that this version does not read, told by their outer marks, so that none is taken for metrics."""

from __future__ import annotations

from typing import Any

from gatekeeper.model.evidence import Opened

_TYPES: dict[str, type] = {"list": list, "dict": dict, "str": str, "bool": bool, "any": object}

_JSON = (
    ("SchemaVersion ArtifactName", "a Trivy report"),
    ("$schema:str runs", "a SARIF log"),
    ("version:str runs:list", "a SARIF log"),
    ("infrastructureAsCodeIssues:list", "a Snyk report on infrastructure as code"),
    ("vulnerabilities:list scan:dict version", "a GitLab security report"),
    ("vulnerabilities:list remediations:list", "a GitLab security report"),
    ("auditReportVersion vulnerabilities:dict", "an npm audit report"),
    ("results:list errors:list paths:dict", "a Semgrep report"),
    ("Findings:list", "AWS security findings"),
    ("bomFormat specVersion", "a CycloneDX document"),
    ("spdxVersion SPDXID", "an SPDX document"),
    ("@context @graph", "an SPDX 3 document"),
    ("_type predicateType", "an in-toto statement"),
    ("payloadType payload signatures", "a DSSE envelope"),
    ("mediaType dsseEnvelope", "a Sigstore bundle"),
    ("mediaType messageSignature", "a Sigstore bundle"),
    ("results:list success:bool statistics:dict", "a Great Expectations result"),
    ("results:list success:bool meta:dict", "a Great Expectations result"),
    ("run_results:dict success:bool", "a Great Expectations result"),
    ("validation_results:list success:bool", "a Great Expectations result"),
    ("expectations:list", "a Great Expectations suite"),
    ("metrics:list tests:list", "an Evidently report"),
    ("metrics:list timestamp version", "an Evidently report"),
    ("tests:list summary:dict timestamp version", "an Evidently test suite"),
    ("py/object", "a Deepchecks result"),
    ("type:str results:list name", "a Deepchecks result"),
    ("hasErrors hasFailures checks:list", "a Soda scan"),
    ("alerts:list groupKey receiver", "an Alertmanager message"),
    ("violations:list", "a SageMaker Model Monitor report"),
    ("post_training_bias_metrics:dict", "a SageMaker Clarify report"),
    ("pre_training_bias_metrics:dict", "a SageMaker Clarify report"),
    ("detector:dict manifests:dict", "a GitHub dependency snapshot"),
    ("jsonapi:dict data", "an answer of a JSON:API service, such as Snyk's"),
    ("apiVersion:str kind:str", "a Kubernetes-like object"),
    ("DATA:dict", "a pandera error report"),
    ("SCHEMA:dict", "a pandera error report"),
    ("schema_context column check failure_case", "a pandera error report"),
    ("VulnerabilityDB:dict", "the output of `trivy version`"),
    ("run:dict run.info", "an MLflow run"),
    ("error_code:str message:str", "an MLflow error"),
    ("lhr:dict", "a Lighthouse report"),
    ("totals:dict files:dict meta:dict", "a coverage report"),
    ("machine_info benchmarks:list", "a pytest-benchmark report"),
    ("numTotalTests testResults:list", "a Jest report"),
    ("collectors:list tests:list summary:dict", "a pytest-json-report"),
    ("stats:dict passes:list failures:list", "a Mocha report"),
)
"""What each object has: a key, with its type where the bare name is too common, or `key.key`."""

_XML = {
    "test-results": "an NUnit 2 report",
    "test-run": "an NUnit 3 report",
    "assemblies": "an xUnit.net report",
    "assembly": "an xUnit.net report",
    "TestRun": "a Visual Studio test report (TRX)",
    "testng-results": "a TestNG report",
    "robot": "a Robot Framework report",
    "Catch": "a Catch2 report",
    "Catch2TestRun": "a Catch2 report",
    "Site": "a CTest report",
    "testExecutions": "a SonarQube generic test report",
    "checkstyle": "a Checkstyle report",
    "pmd": "a PMD report",
    "BugCollection": "a SpotBugs report",
    "coverage": "a coverage report",
    "report": "a JaCoCo report",
    "bom": "a CycloneDX document",
}


def foreign(report: Opened) -> str | None:
    """Whose report this seems to be, with its article; None where nothing is recognised."""
    if report.form == "xml":
        return _XML.get(report.xml.tag)
    outermost = report.json[0] if isinstance(report.json, list) and report.json else report.json
    if not isinstance(outermost, dict):
        return None
    return next((tool for marks, tool in _JSON if all(_has(outermost, mark) for mark in marks.split())), None)


def _has(document: dict[str, Any], mark: str) -> bool:
    name, _, kind = mark.partition(":")
    above, dot, inner = name.partition(".")
    if dot:
        return isinstance(document.get(above), dict) and inner in document[above]
    return name in document and isinstance(document[name], _TYPES[kind or "any"])
