"""Six reports of the size and shape that real tools write, made from a seed: nothing in them was ever measured.

Their forms follow the tools' documentation; text is filler of realistic length. `python reports.py FOLDER` writes them,
`python reports.py FILE --scan-megabytes N` writes one scan report of that size.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

SEED = 20261123
DIGEST = "sha256:" + "4f" * 32
FINDINGS = 93
FILLER = """
a flaw was found in the way that this library handles crafted input an attacker who can reach the service may read
memory beyond the buffer or stop the process versions before the fix do not check the length of the header field and so
a request with an overlong value leads to an out of bounds read users should update to the fixed version
"""
WORDS = FILLER.split()
SEVERITIES = ["LOW"] * 50 + ["MEDIUM"] * 37 + ["HIGH"] * 5 + ["CRITICAL"]


def prose(rng: random.Random, length: int) -> str:
    """Filler text of about `length` characters."""
    words: list[str] = []
    while length > 0:
        words.append(rng.choice(WORDS))
        length -= len(words[-1]) + 1
    return " ".join(words).capitalize() + "."


def vulnerability(rng: random.Random, number: int, severity: str) -> dict[str, Any]:
    """One finding, after Trivy's JSON schema 2."""
    package, version = (
        f"lib{rng.choice(WORDS)}{number % 400}",
        f"{rng.randint(0, 9)}.{rng.randint(0, 30)}.{number % 10}",
    )
    score, vector = round(rng.uniform(2, 9.8), 1), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    fixed = {} if severity == "CRITICAL" or rng.random() < 0.7 else {"FixedVersion": f"{version}-fixed1"}
    identifier = f"CVE-{2015 + number % 11}-{10000 + number}"
    return {
        "VulnerabilityID": identifier,
        "PkgID": f"{package}@{version}",
        "PkgName": package,
        "PkgIdentifier": {
            "PURL": f"pkg:deb/debian/{package}@{version}?arch=amd64",
            "UID": f"{rng.getrandbits(64):016x}",
        },
        "InstalledVersion": version,
        **fixed,
        "Status": "fixed" if fixed else "affected",
        "Layer": {"Digest": f"sha256:{rng.getrandbits(256):064x}", "DiffID": f"sha256:{rng.getrandbits(256):064x}"},
        "SeveritySource": "debian",
        "PrimaryURL": f"https://vulnerabilities.example/{identifier.lower()}",
        "DataSource": {"ID": "debian", "Name": "Debian Security Tracker", "URL": "https://tracker.example/debian"},
        "Title": prose(rng, 70),
        "Description": prose(rng, rng.randint(150, 330)),
        "Severity": severity,
        "CweIDs": [f"CWE-{rng.choice([20, 79, 125, 787])}"],
        "VendorSeverity": {"debian": 1, "nvd": 3, "redhat": 2},
        "CVSS": {"nvd": {"V3Vector": vector, "V3Score": score}, "redhat": {"V3Vector": vector, "V3Score": score}},
        "References": [f"https://advisories.example/{rng.getrandbits(32):08x}" for _ in range(rng.randint(1, 6))],
        "PublishedDate": "2025-03-04T12:15:37.293Z",
        "LastModifiedDate": "2025-11-12T16:20:22.257Z",
    }


def trivy(rng: random.Random, severities: list[str]) -> dict[str, Any]:
    """An image scan, after Trivy's JSON schema 2."""
    found = [vulnerability(rng, number, severity) for number, severity in enumerate(severities)]
    image = "registry.example/churn-model"
    return {
        "SchemaVersion": 2,
        "CreatedAt": "2026-11-23T06:40:00.123456789Z",
        "ArtifactName": f"{image}:1.4.2",
        "ArtifactType": "container_image",
        "Metadata": {
            "OS": {"Family": "debian", "Name": "12.7"},
            "ImageID": f"sha256:{rng.getrandbits(256):064x}",
            "RepoTags": [f"{image}:1.4.2"],
            "RepoDigests": [f"{image}@{DIGEST}"],
        },
        "Results": [
            {"Target": "churn-model (debian 12.7)", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": found},
            {"Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg"},
        ],
    }


def metrics() -> dict[str, Any]:
    """Numbers of a training run, as a script of one's own writes them."""
    return {
        "accuracy": {"value": 0.958, "n": 1000},
        "f1": {"value": 0.857, "n": 1000},
        "roc_auc": {"value": 0.921, "n": 1000},
        "positive_rate": {"value": 0.121, "n": 1000},
        "inference_100_rows_ms": 12.4,
    }


def fairness() -> dict[str, Any]:
    """Group counts, in gatekeeper's own form."""
    groups = {
        "F": {"n": 520, "selected": 62, "positives": 74, "true_positives": 57, "false_positives": 5},
        "M": {"n": 480, "selected": 59, "positives": 67, "true_positives": 53, "false_positives": 6},
    }
    return {"attribute": "gender", "n": 1000, "groups": groups}


def sarif(rng: random.Random) -> dict[str, Any]:
    """A linter's SARIF 2.1.0 with many rules and a few notes, as ruff writes it."""
    rules = [
        {"id": f"R{number:03}", "shortDescription": {"text": prose(rng, 60)}, "help": {"text": prose(rng, 120)}}
        for number in range(30)
    ]
    results = [
        {
            "ruleId": f"R{number:03}",
            "level": "note",
            "message": {"text": prose(rng, 70)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"src/churn/part{number}.py"},
                        "region": {"startLine": number + 1, "startColumn": 1},
                    }
                }
            ],
        }
        for number in range(20)
    ]
    driver = {"name": "ruff", "version": "0.14.0", "rules": rules}
    runs = [{"tool": {"driver": driver}, "invocations": [{"executionSuccessful": True}], "results": results}]
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs}


def junit(rng: random.Random) -> str:
    """A green test run, as pytest writes it."""
    cases = "".join(
        f"<testcase classname={quoteattr(f'tests.test_part{number % 12}')} name={quoteattr(f'test_case_{number}')} "
        f'time="{rng.uniform(0.001, 0.4):.3f}" />'
        for number in range(180)
    )
    counts = 'errors="0" failures="0" skipped="0" tests="180"'
    suite = (
        f'<testsuite name="pytest" {counts} time="9.120" timestamp="2026-11-23T06:30:00.000000+00:00" hostname="ci">'
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">{suite}{cases}</testsuite></testsuites>'
    )


def k6() -> dict[str, Any]:
    """A load test, as k6 hands it to handleSummary."""
    trend = {"avg": 41.2, "min": 8.1, "med": 38.0, "max": 412.5, "p(90)": 71.3, "p(95)": 88.9, "p(99)": 160.2}
    timed = {name: {"type": "trend", "contains": "time", "values": trend} for name in (
        "http_req_duration", "http_req_waiting", "http_req_blocked", "http_req_sending", "iteration_duration",
    )}  # fmt: skip
    return {
        "options": {"summaryTrendStats": list(trend), "summaryTimeUnit": "", "noColor": False},
        "state": {"isStdOutTTY": False, "isStdErrTTY": False, "testRunDurationMs": 60012.4},
        "metrics": {
            **timed,
            "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 12000, "rate": 199.96}},
            "http_req_failed": {
                "type": "rate",
                "contains": "default",
                "values": {"rate": 0.0005, "passes": 6, "fails": 11994},
            },
            "iterations": {"type": "counter", "contains": "default", "values": {"count": 12000, "rate": 199.96}},
        },
        "root_group": {"name": "", "path": "", "id": "d41d8cd98f00b204e9800998ecf8427e", "groups": [], "checks": []},
    }


def write_six(folder: Path) -> int:
    """Write the six reports; returns their size together."""
    rng = random.Random(SEED)
    severities = rng.sample(SEVERITIES, FINDINGS)
    texts = {
        "metrics.json": json.dumps(metrics(), indent=2),
        "fairness.json": json.dumps(fairness(), indent=2),
        "ruff.sarif.json": json.dumps(sarif(rng), indent=2),
        "junit.xml": junit(rng),
        "k6.json": json.dumps(k6(), indent=4),
        "trivy.json": json.dumps(trivy(rng, severities), indent=2),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sum(len(text.encode()) for text in texts.values())


def write_scan(path: Path, megabytes: int) -> int:
    """Write one scan report of about that many megabytes; returns how many findings it holds."""
    rng = random.Random(SEED)
    sample = len(json.dumps(trivy(rng, SEVERITIES * 5), indent=2)) / (len(SEVERITIES) * 5)
    count = int(megabytes * 1e6 / sample)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as out:
        json.dump(trivy(rng, [rng.choice(SEVERITIES) for _ in range(count)]), out, indent=2)
    return count


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place", type=Path)
    parser.add_argument("--scan-megabytes", type=int, default=0)
    options = parser.parse_args()
    if options.scan_megabytes:
        print(write_scan(options.place, options.scan_megabytes), "findings")
    else:
        print(write_six(options.place), "bytes")


if __name__ == "__main__":
    main()
