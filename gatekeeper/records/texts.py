"""Which texts of a report may be kept for ever: what names a thing, and never prose, rows of data or what looks secret.

Git never forgets, so what cannot be told apart is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gatekeeper.model.instants import parse_instant

MAX_NAME = 300
MAX_WORDS = 10
MAX_TEST_WORDS = 20
"""Some test frameworks have names that are sentences, which those who write the tests choose."""

_SECRETS = re.compile(
    r"-----BEGIN|PRIVATE KEY"
    # user and password in an address, and e-mail addresses
    r"|://[^/\s]*@|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
    # what follows a word that announces a secret
    r"|(?i:passw(or)?d|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?|signature)[\"']?\s*=\s*\S"
    r"|(?<![A-Za-z])(?i:passw(or)?d|passwd|pwd|secret|token|api[_-]?key|credentials?|authorization)[\"']?\s*:\s*\S"
    r"|(?i:bearer|basic)\s+[A-Za-z0-9+/=._-]{8}"
    # the forms in which tokens are handed out: GitHub, GitLab, AWS, Google, Slack, Stripe, PyPI, npm, Hugging Face,
    # Docker, SendGrid, DigitalOcean, Databricks, JSON Web Tokens
    r"|\b(gh[pousr]_|github_pat_|glpat-|gl[a-z]{2,5}-|AKIA|ASIA|AIza|ya29\.|xox[abeoprs]-|[rs]k_(live|test)_|sk-|pypi-|npm_"
    r"|hf_|dckr_pat_|SG\.|do[por]_v1_|dapi)[A-Za-z0-9._-]{10}|\beyJ[A-Za-z0-9_-]{8,}\.|hooks\.slack\.com/"
)
_RUN = re.compile(r"[A-Za-z0-9+=]{24,}|(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_SECRET_KEY = re.compile(r"(?i)passw|passphrase|pwd|secret|token|api.?key|access.?key|private|credential|auth|cookie")
_PLAIN = re.compile(
    r"-?[0-9]{1,17}(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?|[Tt]rue|[Ff]alse|[Nn]one|null|v?[0-9]{1,5}(\.[0-9]{1,5}){1,3}"
    r"|(sha256:|gitCommit:)?[0-9a-f]{40}([0-9a-f]{24})?|md5:[0-9a-f]{32}(\.dir)?"
)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{8,18}([Zz]|[+-][0-9]{2}:?[0-9]{2})")


def looks_secret(text: str) -> bool:
    """Whether a secret may stand in the text: of a known form, announced, or a long run that nobody would type."""
    return _SECRETS.search(text) is not None or any(map(_is_random, _RUN.findall(text)))


def _is_random(run: str) -> bool:
    """Upper and lower case and digits through each other, as in base64; hex digests and CamelCase names are not so."""
    if not (any(map(str.isupper, run)) and any(map(str.islower, run))):
        return False
    words = _WORD.findall(run)
    # The secret keys of AWS are 40 characters, with few digits.
    return len(re.findall("[0-9]+", run)) >= 3 or len(run) / len(words) < (3.5 if len(run) == 40 else 2.6)


def is_name(text: str, words: int = MAX_WORDS) -> bool:
    """Whether the text is short and on one line, as names of tests, metrics, columns and packages are."""
    if not 0 < len(text) <= MAX_NAME or not text.isprintable() or len(text.split(" ")) > words:
        return False
    return not looks_secret(text)


def is_place(text: str) -> bool:
    """Whether the text names an endpoint, or where something lies, without what an address carries in its query."""
    return is_name(text) and "?" not in text and "#" not in text


def is_time(text: str) -> bool:
    """Whether the text is an instant."""
    try:
        parse_instant(text)
    except ValueError:
        return False
    return True


def is_plain(text: str, public: Iterable[str]) -> bool:
    """Whether a value of anybody's choice says no more than a number, a version or a digest, or what is public already.

    `public` are texts that everybody who reads the repository can read, such as its policies.
    """
    if _PLAIN.fullmatch(text) or _INSTANT.fullmatch(text):
        return True
    return is_name(text) and any(_stands_in(text, whole) for whole in public)


def _stands_in(text: str, whole: str) -> bool:
    """As a word of its own: a secret that happens to be a part of a word is not public by it."""
    return text in whole and re.search(rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])", whole) is not None


def announces_secret(key: str) -> bool:
    """Whether a key says that its value is a secret, whatever that looks like."""
    return _SECRET_KEY.search(key) is not None
