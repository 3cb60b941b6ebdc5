"""Reports of tools that this version does not read, told by their outer marks, so that none is taken for metrics."""

from __future__ import annotations

from gatekeeper.model.evidence import Opened

_JSON: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(keys.split()), tool)
    for keys, tool in (
        ("SchemaVersion ArtifactName", "a Trivy report"),
        ("$schema runs", "a SARIF log"),
        ("version runs", "a SARIF log"),
        ("matches descriptor", "a Grype report"),
        ("matches source", "a Grype report"),
        ("vulnerabilities ok", "a Snyk report"),
        ("ok error path", "a Snyk error"),
        ("vulnerabilities scan_type", "a GitLab security report"),
        ("vulnerabilities scan version", "a GitLab security report"),
        ("dependencies fixes", "a pip-audit report"),
        ("results metrics generated_at errors", "a bandit report"),
        ("Findings", "AWS security findings"),
        ("bomFormat specVersion", "a CycloneDX document"),
        ("spdxVersion SPDXID", "an SPDX document"),
        ("@context @graph", "an SPDX 3 document"),
        ("_type predicateType", "an in-toto statement"),
        ("payloadType payload signatures", "a DSSE envelope"),
        ("mediaType dsseEnvelope", "a Sigstore bundle"),
        ("statistics results meta success", "a Great Expectations result"),
        ("run_results success", "a Great Expectations result"),
        ("metrics tests", "an Evidently report"),
        ("tests summary timestamp version", "an Evidently test suite"),
        ("metrics timestamp version", "an Evidently report"),
        ("py/object", "a Deepchecks result"),
        ("hasErrors hasFailures checks", "a Soda scan"),
        ("status data", "a Prometheus answer"),
        ("alerts groupKey receiver", "an Alertmanager message"),
        ("violations", "a SageMaker Model Monitor report"),
        ("post_training_bias_metrics", "a SageMaker Clarify report"),
        ("pre_training_bias_metrics", "a SageMaker Clarify report"),
        ("apiVersion kind", "a Kubernetes-like object"),
        ("schemaVersion mediaType", "an OCI manifest"),
        ("schemaVersion config layers", "an OCI manifest"),
        ("DATA", "a pandera error report"),
        ("SCHEMA", "a pandera error report"),
        ("DBs", "a vulnerability database file"),
        ("VulnerabilityDB", "the output of `trivy version`"),
        ("run_uuid experiment_id", "an MLflow run"),
    )
)

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
    if report.form == "json":
        return next((tool for keys, tool in _JSON if keys <= report.marks), None)
    return None
