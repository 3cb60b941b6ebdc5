"""Real files of other tools, kept beside the checkout and not in it. Tests that read them are marked `corpus`.

The folder is `<checkout>/../shared/corpus`, or where GATEKEEPER_CORPUS points; where it is absent those tests are
skipped, and the summary says so.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("TESTS_CORPUS") or ROOT.parent / "shared" / "corpus")
ABSENT = f"the corpus is absent: {CORPUS}"


def corpus_files(pattern: str) -> list[Path]:
    """The corpus files that fit a glob such as `trivy/**/*.json`, sorted; none where the corpus is absent.

    Made for `parametrize`, with the mark beside it. A pattern that fits nothing in a corpus that is there is a mistake.
    """
    if not CORPUS.is_dir():
        return []
    found = sorted(path for path in CORPUS.glob(pattern) if path.is_file())
    if not found:
        raise LookupError(f"no file of {CORPUS} fits {pattern}")
    return found
