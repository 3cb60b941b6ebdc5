"""Writes a report after Trivy's documented JSON schema. It is NOT a scan: no package index brings Trivy itself.

The vulnerabilities are facts of published advisories about what a `python:3.11-slim` image of Debian 12 holds: ids,
packages, severities, and the versions that fix them. A real pipeline runs `trivy image --format json` instead.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

BASE = [
    # id, package, installed, fixed, status, severity. The first has no fix in Debian 12: Debian does not ship minizip.
    ("CVE-2023-45853", "zlib1g", "1:1.2.13.dfsg-1", "", "will_not_fix", "CRITICAL"),
    ("CVE-2011-3374", "libapt-pkg6.0", "2.6.1", "", "affected", "LOW"),
    ("CVE-2005-2541", "tar", "1.34+dfsg-1.2+deb12u1", "", "affected", "LOW"),
]
PYTHON = [
    ("CVE-2024-6345", "setuptools", "65.5.1", "70.0.0", "fixed", "HIGH"),
    ("CVE-2025-47273", "setuptools", "65.5.1", "78.1.1", "fixed", "HIGH"),
]


def report(reference: str, now: datetime) -> dict[str, Any]:
    """The document for the image `name:tag@sha256:…`."""
    tagged, digest = reference.split("@")
    repository = tagged.rpartition(":")[0]
    return {
        "SchemaVersion": 2,
        "CreatedAt": now.isoformat(timespec="seconds"),
        "ArtifactName": tagged,
        "ArtifactType": "container_image",
        "Metadata": {
            "OS": {"Family": "debian", "Name": "12.11"},
            "RepoTags": [tagged],
            "RepoDigests": [f"{repository}@{digest}"],
        },
        "Results": [
            part(f"{tagged} (debian 12.11)", "os-pkgs", "debian", BASE),
            part("Python", "lang-pkgs", "python-pkg", PYTHON),
        ],
    }


def part(target: str, kind: str, ecosystem: str, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    """One target with its vulnerabilities."""
    return {"Target": target, "Class": kind, "Type": ecosystem, "Vulnerabilities": [finding(*row) for row in rows]}


def finding(id: str, package: str, installed: str, fixed: str, status: str, severity: str) -> dict[str, str]:
    """One vulnerability; Trivy leaves `FixedVersion` out where there is none."""
    known = {"FixedVersion": fixed} if fixed else {}
    return {
        "VulnerabilityID": id,
        "PkgName": package,
        "InstalledVersion": installed,
        **known,
        "Status": status,
        "Severity": severity,
    }


def main() -> None:
    """The command `python -m churn.written_scan`."""
    parser = argparse.ArgumentParser(prog="churn.written_scan", description=__doc__)
    parser.add_argument("--image", required=True, help="name:tag@sha256:…, as churn.image prints it")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.write_text(json.dumps(report(options.image, datetime.now(UTC)), indent=2) + "\n")


if __name__ == "__main__":
    main()
