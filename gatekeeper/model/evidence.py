"""Evidence: what one producer said in one file, with where it came from and whether it can be used."""

from typing import Any, Literal

from msgspec import Struct

Status = Literal["evaluated", "not_evaluated", "error"]


class Opened(Struct, frozen=True, kw_only=True):
    """A report opened as far as its outer form.

    `json` is the document where `form` is "json", `xml` the root `Element` of `evidence.xmltext` where it is "xml",
    `text` where it is "text". `marks` are what a producer can be told by at a glance: the keys of the outermost object
    (in a list: of its first member), the root element's name, or the first cell of the first line. `data` are the
    bytes of a file of JSON, for what is named by its digest; empty where the document stood inside another.
    """

    form: Literal["json", "xml", "text"]
    marks: frozenset[str] = frozenset()
    json: Any = None
    xml: Any = None
    text: str = ""
    data: bytes = b""


class Producer(Struct, frozen=True, kw_only=True):
    """The tool that wrote a report. `version` only where the report says it."""

    name: str
    version: str | None = None


class Reading(Struct, frozen=True, kw_only=True):
    """What a producer's reader makes of a report's bytes.

    `facts` is one of the types in `model.facts`; `subjects` are digests `sha256:…` of what was looked at; `produced_at`
    is RFC 3339 in UTC, from the report and never from a file date; `counts` are whole numbers worth showing. `report`
    is the digest of the report that was read, where it stood inside another document.
    """

    facts: Any
    version: str | None = None
    subjects: tuple[str, ...] = ()
    produced_at: str | None = None
    counts: dict[str, int] = {}
    report: str | None = None


class Signature(Struct, frozen=True, kw_only=True):
    """One signature of a DSSE envelope. `keyid` is a hint of whoever wrote it, and never decides anything."""

    sig: bytes
    keyid: str | None = None


class Sealed(Struct, frozen=True, kw_only=True):
    """A DSSE envelope that was taken apart and not yet believed: its payload is parsed after it was verified."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]


class Recorded(Struct, frozen=True, kw_only=True):
    """Where evidence comes from that was judged before: the environment and the decision whose record names it.

    `names` are the requirements that it served there. `keys` are the fingerprints of the keys whose signatures were
    verified then; whether they count is asked anew. `masked` are the paths of facts that were not kept.
    """

    environment: str
    decision: str
    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    masked: tuple[tuple[str, ...], ...] = ()


class Envelope(Struct, frozen=True, kw_only=True):
    """One file of evidence. `name` is null when none was given; `facts` are plain JSON values, empty unless evaluated.

    `reason` is ours, from a closed set of sentences: no text of a report gets into it. `signed_by` names the keys of
    `trust.yaml` whose signatures were verified; where `sealed` is given, they still have to be. `unverified` says why
    signatures that are there do not count. `payload` is the digest of what stands inside: of the bound report, else of
    what the signatures cover. `recorded` is null for evidence that was given.
    """

    name: str | None
    kind: str | None
    producer: Producer | None
    source: str
    digest: str | None
    subjects: tuple[str, ...] = ()
    produced_at: str | None = None
    status: Status = "evaluated"
    reason: str | None = None
    counts: dict[str, int] = {}
    facts: dict[str, Any] = {}
    sealed: Sealed | None = None
    signed_by: tuple[str, ...] = ()
    unverified: str | None = None
    payload: str | None = None
    recorded: Recorded | None = None

    @property
    def completes(self) -> bool:
        """Whether this only completes a scan with its database's age: no scan, no shard, about nothing of its own."""
        return self.kind == "scan" and self.status == "evaluated" and "counts" not in self.facts
