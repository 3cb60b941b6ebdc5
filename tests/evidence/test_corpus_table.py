"""The page about real files says what gatekeeper makes of them now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import ROOT


@pytest.mark.corpus
def test_the_page_is_what_the_script_prints(corpus: Path) -> None:
    printed = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "corpus-table"), str(corpus)],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    page = (ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")
    assert printed.stdout == page, "run scripts/corpus-table >docs/corpus.md"
