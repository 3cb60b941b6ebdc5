"""DVC: `dvc.lock`, `*.dvc`, `dvc status --json`, metrics files in YAML and `dvc metrics show --json`.

Source: `dvc/schema.py`, `dvc/stage/serialize.py` and `dvc/commands` of github.com/iterative/dvc, version 3; locks of
schema 2.0, and stage files of versions before 1.0. None of them says when it was written, or by which version.
"""

from __future__ import annotations

import re
from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.model.evidence import Opened, Reading

NAME = "dvc"
KIND = "lineage"

_LOCK = re.compile(r"schema: '2\.0'\s*$", re.MULTILINE)
_STAGES = re.compile(r"^stages:", re.MULTILINE)
_OUTPUTS = re.compile(r"^outs:\s*\n *- +(?:md5|etag|checksum|path|hash|size): ", re.MULTILINE)


def claims(report: Opened) -> bool:
    """Locks and stage files. What DVC prints could be any tool's, and is read only where DVC is named."""
    text = report.text
    if report.form != "text":
        return False
    return (_LOCK.match(text) is not None and _STAGES.search(text) is not None) or _OUTPUTS.search(text) is not None


def read(report: Opened) -> Reading:
    """Digests of data and outputs, what has changed, or metrics, by what the report is.

    Raises NotEvaluatedError where nothing is recorded or DVC could not read it, EvidenceError for other forms.
    """
    if report.form == "json":
        return _printed(report.json)
    if report.form != "text":
        raise EvidenceError("the report is neither YAML nor JSON")
    if not report.text.endswith("\n"):
        raise EvidenceError("the last line has no end: the file may have been cut off", "End it with a line feed.")
    from gatekeeper.evidence.yamltext import parse_yaml

    document = parse_yaml(report.text)
    if not isinstance(document, dict):
        raise EvidenceError("the report is not a mapping")
    from gatekeeper.evidence import dvc_lock, dvc_metrics

    if "schema" in document or "stages" in document:
        return dvc_lock.read_lock(document)
    if isinstance(document.get("outs"), list):
        return dvc_lock.read_stage_file(document)
    return dvc_metrics.read_metrics([document])


def _printed(document: Any) -> Reading:
    from gatekeeper.evidence import dvc_metrics, dvc_status

    if not isinstance(document, dict):
        raise EvidenceError("the report is not an object")
    if dvc_metrics.is_shown(document):
        return dvc_metrics.read_shown(document)
    if all(isinstance(part, list) for part in document.values()):
        return dvc_status.read_status(document)
    raise EvidenceError(
        "this is neither `dvc status --json` nor `dvc metrics show --json`", "Metrics in JSON are read by `json:path`."
    )
