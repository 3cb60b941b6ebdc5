"""Reports for the tests of producers: documents opened as if they had been files, and the fixtures beside the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gatekeeper.evidence.opened import open_report
from gatekeeper.model.evidence import Opened

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def opened(document: Any) -> Opened:
    """The document, written as JSON and opened; text is opened as it is."""
    return open_report((document if isinstance(document, str) else json.dumps(document)).encode())


def fixture(name: str) -> Opened:
    """A file of `tests/fixtures`, opened."""
    return open_report((FIXTURES / name).read_bytes())
