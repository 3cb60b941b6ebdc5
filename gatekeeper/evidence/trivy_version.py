"""What `trivy version --format json` prints: the vulnerability database's age, which Trivy's reports leave out.

Given under the same name as a Trivy report, it completes that scan; alone it is no scan. Source: `pkg/version` of
github.com/aquasecurity/trivy.
"""

from __future__ import annotations

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, mapping, version
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import ScanDatabase


def claims(report: Opened) -> bool:
    """Objects with `Version` and `VulnerabilityDB`."""
    document = report.json
    return isinstance(document, dict) and "Version" in document and "VulnerabilityDB" in document


def read(report: Opened) -> Reading:
    """When the database was made. Raises NotEvaluatedError where there is no database, EvidenceError for no time."""
    document = mapping(report.json, "the report")
    if not document.get("VulnerabilityDB"):
        raise NotEvaluatedError("there is no VulnerabilityDB in it: Trivy had no database")
    database = mapping(document["VulnerabilityDB"], "VulnerabilityDB")
    updated = instant(database.get("UpdatedAt"))
    if updated is None:
        raise EvidenceError("VulnerabilityDB.UpdatedAt is not an instant")
    return Reading(facts=ScanDatabase(db_updated_at=updated), version=version(document.get("Version")))
