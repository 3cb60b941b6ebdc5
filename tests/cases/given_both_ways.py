"""Random policies and evidence, each once as a project that `evaluate` judges and once as a case of `policy test`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import NODEFAULT, UNSET, Struct
from msgspec.structs import fields

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.kinds import bare
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.third_party import ThirdParty
from gatekeeper.model.evidence import Envelope, Reading
from gatekeeper.model.facts import ADDING, ALL_KINDS, SUPPLIED, facts_type
from gatekeeper.policy.trust import load_trust
from gatekeeper.records.binding import Subject, Wish, bind
from gatekeeper.records.unseal import unseal
from tests.signing import key, signer, trust_text

NOW = datetime(2026, 7, 1, tzinfo=UTC)
DIGEST, MODEL, DATA = ("sha256:" + letter * 64 for letter in "abd")
COMMIT = "c" * 40
IMAGE = "registry.example/x"
ARTIFACT = {
    "image": f"{IMAGE}:1@{DIGEST}",
    "model": {"digest": MODEL, "version": "3"},
    "commit": COMMIT,
    "run": "run",
    "datasets": {"a": DATA},
}
SIDES = {"artifact": DIGEST, "model": MODEL, "commit": COMMIT, "run": "run", "dataset": DATA}
EVERYTHING = [DIGEST, MODEL, DATA, f"gitCommit:{COMMIT}", "other:1"]
SIGNERS = ("ci", "lab")
TRUST = trust_text({f"{name}-machine": [key(name)] for name in SIGNERS})
RING = load_trust(TRUST.encode(), "trust.yaml")

READ = tuple(kind for kind in ALL_KINDS if kind not in SUPPLIED)
"""The kinds that reports are of."""

Draw = Callable[[st.SearchStrategy[Any]], Any]

numbers = st.sampled_from([0.0, 0.1 + 0.2, 0.5, 0.84, 0.85, 1.0, 3.0, 250.5, 1e300])
counts = st.sampled_from([0, 1, 2, 5, 30, 100])
words = st.sampled_from(["passed", "failed", "prod", COMMIT, "run", DIGEST, MODEL, DATA, "Ünï", "it's"])
times = st.sampled_from(["2026-06-30T12:00:00Z", "2026-06-01T00:00:00Z"])
names = st.sampled_from(["a", "b", "1h"])


def admitted() -> dict[str, Any]:
    """Two producers for each kind that read facts as they stand, or are told what to refuse."""
    found = {}
    for kind in READ:
        for name in (f"acme-{kind}", f"other-{kind}"):
            module = SimpleNamespace(NAME=name, KIND=kind, claims=lambda _: True, read=_reader(kind))
            found[name] = ThirdParty(name, "acme 1.0.0", lambda module=module: module)  # type: ignore[misc]
    return found


def _reader(kind: str) -> Callable[[Any], Reading]:
    def read(report: Any) -> Reading:
        document = report.json
        if (refused := document.get("refused")) is not None:
            raise (EvidenceError if refused == "error" else NotEvaluatedError)("as it is told")
        facts: Any = msgspec.convert(document["facts"], facts_type(kind))
        return Reading(facts=facts, produced_at=document["at"], subjects=tuple(document["about"]))

    return read


def facts_of(draw: Draw, hint: Any, path: tuple[str, ...] = ()) -> Any:
    """Facts of a type, each optional one there or not, each number within the bounds that the type has."""
    hint = bare(hint)
    if isinstance(hint, type) and issubclass(hint, Struct):
        found: dict[str, Any] = {}
        for field in fields(hint):
            is_needed = field.default is NODEFAULT and field.default_factory is NODEFAULT
            if is_needed or draw(st.booleans()):
                found[field.name] = facts_of(draw, field.type, (*path, field.name))
        if "total" in found and hint.__name__ in ("SeverityCounts", "LintCounts"):
            found["total"] = sum(value for name, value in found.items() if name != "total")
        elif hint.__name__ in ("SeverityCounts", "LintCounts"):
            found["total"] = sum(found.values())
        return found
    if get_origin(hint) is dict:
        keys = draw(st.lists(names, unique=True, max_size=2))
        return {name: facts_of(draw, get_args(hint)[1], (*path, name)) for name in keys}
    if get_origin(hint) is tuple:
        return [facts_of(draw, get_args(hint)[0], path) for _ in range(draw(st.integers(0, 2)))]
    if hint is Any:
        return draw(counts | words | st.booleans() | st.none() | numbers)
    plain = {int: counts, float: numbers, bool: st.booleans(), str: times if path[-1].endswith("_at") else words}
    return draw(plain[hint])


class Given(Struct, frozen=True, kw_only=True):
    """One piece of evidence: what `evaluate` is given, and what stands for it in a case, with the case's files."""

    envelopes: tuple[Envelope, ...]
    written: dict[str, Any]
    files: dict[str, bytes]


def evidence(draw: Draw, name: str, kind: str) -> Given:
    """Evidence of a kind as a report, bound and signed or not, and in the case as that file or as facts."""
    producer = draw(st.sampled_from([f"acme-{kind}"] * 3 + [f"other-{kind}"]))
    report = {
        "refused": draw(st.sampled_from([None] * 12 + ["error", "not_evaluated"])),
        "facts": facts_of(draw, facts_type(kind)),
        "at": draw(
            st.none() | st.sampled_from(["2026-06-30T00:00:00Z", "2026-01-01T00:00:00Z", "2026-08-01T00:00:00Z"])
        ),
        "about": draw(st.just(EVERYTHING) | st.lists(st.sampled_from(EVERYTHING), max_size=2)),
    }
    about = draw(st.sampled_from([None, DIGEST, MODEL]))
    keys = draw(st.lists(st.sampled_from(SIGNERS), unique=True)) if about else []
    data = _bound(report, producer, about, keys)
    is_file = draw(st.booleans())
    source = f"{name}.json" if is_file else name
    sealed = envelope(data, source=source, name=name, producer=producer)
    opened, count = unseal(sealed, RING, NOW), 1
    envelopes = [sealed]
    if opened.status == "evaluated" and draw(st.sampled_from([False] * 4 + [True])):
        second = _bound({**report, "facts": _rest(kind, opened.facts), "again": True}, producer, about, keys)
        envelopes.append(envelope(second, source=source, name=name, producer=producer))
        count = 2
    if is_file:
        written = _as_file(name, producer, opened, count)
        return Given(envelopes=tuple(envelopes), written=written, files={f"{name}.json": data})
    return Given(envelopes=tuple(envelopes), written=_as_facts(draw, opened, count), files={})


def _bound(report: dict[str, Any], producer: str, about: str | None, keys: list[str]) -> bytes:
    """The report in a Statement, signed by some; alone where it cannot be bound so."""
    data = json.dumps(report).encode()
    if about is None:
        return data
    subject = Subject(name="x", algorithm="sha256", value=about.partition(":")[2])
    try:
        return bind(data, "x", Wish(subjects=(subject,), now=NOW, producer=producer), [signer(name) for name in keys])
    except (EvidenceError, NotEvaluatedError):
        return data


def _rest(kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """What a second report says, so that both together say what the first does; the same again where none can."""
    if kind == "fairness":
        return {"attributes": {}}
    if kind not in ADDING:
        return facts
    same = ("os_end_of_life", "db_updated_at", "duration_seconds")
    return {key: value if key in same else _nothing(value) for key, value in facts.items()}


def _nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: 0 for key in value if type(value[key]) is int} if "total" in value else {}
    return [] if isinstance(value, list) else type(value)(0)


def _as_file(name: str, producer: str, opened: Envelope, count: int) -> dict[str, Any]:
    said: dict[str, Any] = {"signed_by": list(opened.signed_by), "reports": count}
    if opened.produced_at is None:
        said["produced_at"] = None
    if not opened.subjects:
        said["subjects"] = []
    return {"file": f"reports/{name}.json", "producer": producer, "envelope": said}


def _as_facts(draw: Draw, opened: Envelope, count: int) -> dict[str, Any]:
    assert opened.producer is not None
    said = {
        "producer": opened.producer.name,
        "produced_at": opened.produced_at,
        "subjects": draw(st.permutations(opened.subjects)),
        "signed_by": draw(st.permutations(opened.signed_by)),
        "reports": count,
    }
    if opened.status != "evaluated":
        return {"envelope": {**said, "status": opened.status, "reason": opened.reason}}
    always = {field.name for field in fields(facts_type(str(opened.kind))) if field.default is not UNSET}
    kept = {key: one for key, one in opened.facts.items() if one != {} or key not in always or draw(st.booleans())}
    facts = kept or opened.facts  # no facts at all are no report
    return {**{key: _as_written(draw, value) for key, value in facts.items()}, "envelope": said}


def _as_written(draw: Draw, value: Any) -> Any:
    """Facts as a person may write them: whole numbers where the kind has a double, a sum left out."""
    if isinstance(value, dict):
        kept = {key: part for key, part in value.items() if key != "total" or draw(st.booleans())}
        return {key: _as_written(draw, part) for key, part in kept.items()}
    if isinstance(value, float) and value.is_integer() and value < 1e6 and draw(st.booleans()):
        return int(value)
    return value


class Scene(Struct, frozen=True, kw_only=True):
    """A project, the evidence for it, and a case of it that does not say yet what it expects."""

    policy: dict[str, Any]
    parameters: dict[str, Any]
    environment: str | None
    artifact: dict[str, Any] | None
    evidence: dict[str, Given]

    @property
    def case(self) -> dict[str, Any]:
        """The `spec` of the case."""
        spec = {"policy": "p", "now": "2026-07-01T00:00:00Z", "parameters": self.parameters, "artifact": self.artifact}
        spec["evidence"] = {name: one.written for name, one in self.evidence.items()}
        return spec if self.environment is None else {**spec, "environment": self.environment}


limits = st.sampled_from([0, 1, 30, 0.85, 0.5, "params.whole", "params.share", "params.share / 2.0", "variables.low"])
PARAMETERS = {
    "whole": {"type": "integer", "default": 2},
    "share": {"type": "number", "default": 1, "minimum": 0, "maximum": 1},
    "strict": {"type": "boolean", "default": True},
    "age": {"type": "duration", "default": "7d"},
    "word": {"type": "string", "default": "prod", "choices": ["prod", "passed"]},
}
VARIABLES = {"low": "params.share * 0.5", "worst": "{0} > params.share ? {0} : 0.1 / 0.0"}
settings_ = st.fixed_dictionaries(
    {},
    optional={
        "whole": counts,
        "share": st.sampled_from([0, 1, 0.85, 0.3]),
        "strict": st.booleans(),
        "age": st.sampled_from(["1d", "400d"]),
        "word": st.sampled_from(["prod", "passed"]),
    },
)


def _some(draw: Draw, *keys: str, least: int = 1) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, min_size=least))
    return {key: draw(limits) for key in chosen}


def _passed(draw: Draw) -> dict[str, Any]:
    return {"must_pass": ["a"]} if draw(st.booleans()) else {}


def _slo(draw: Draw) -> dict[str, Any]:
    burning = {"max_burn_rate": draw(limits), "windows": draw(st.sampled_from([[["1h"]], [["1d", "1h"], ["1h"]]]))}
    return {**_some(draw, "min_budget_left", "min_events"), **(burning if draw(st.booleans()) else {})}


def _fairness(draw: Draw) -> dict[str, Any]:
    by = {"by": "a"} if draw(st.booleans()) else {}
    definition = draw(st.sampled_from(["demographic_parity_difference", "equal_opportunity_difference"]))
    return {"definition": definition, **by, "max": draw(limits), **_some(draw, "min_group_n", least=0)}


SHORTHANDS: dict[str, tuple[str, Callable[[Draw], dict[str, Any]]]] = {
    "metric": (
        "metrics",
        lambda draw: {"name": draw(names), **_some(draw, "min", "max"), **_some(draw, "min_n", least=0)},
    ),
    "fairness": ("fairness", _fairness),
    "scan": (
        "scan",
        lambda draw: {"max": _some(draw, "critical", "high", "total"), "fixable_only": draw(st.booleans())},
    ),
    "tests": (
        "tests",
        lambda draw: {**_some(draw, "max_failures", "max_errors", "max_skipped", "min_tests"), **_passed(draw)},
    ),
    "lint": ("lint", lambda draw: {"max": _some(draw, "error", "warning", "total")}),
    "latency": ("load", lambda draw: _some(draw, "p50_ms", "p95_ms", "max_error_rate", "min_requests", "min_rps")),
    "command": ("command", lambda draw: _some(draw, "exit_status")),
    "data": ("data", lambda draw: {**_some(draw, "max_failed", "max_failed_share"), **_passed(draw)}),
    "lineage": (
        "lineage",
        lambda draw: {
            "same": draw(st.lists(st.sampled_from(["commit", "data", "model", "run"]), unique=True, min_size=1))
        },
    ),
    "slo": ("slo", _slo),
    "rollout": (
        "rollout",
        lambda draw: {
            "complete": draw(st.booleans()),
            "same_digest": draw(st.booleans()),
            **_some(draw, "min_available", least=0),
        },
    ),
}
REQUIRED = {
    "model": ("{0}.name == params.word", "{0}.?stage.orValue('x') != 'prod'", "{0}.aliases.exists(a, a == 'prod')"),
    "image": ("{0}.digest == artifact.digest", "size({0}.annotations) < 2", "{0}.size > 5 || {0}.attestations == 0"),
    "attestation": ("{0}.predicate.a == 1", "{0}.predicate.?a.orValue(0.5) >= 0.5", "{0}.predicate.a > params.share"),
    "metrics": ("{0}.values.a >= params.share", "{0}.values.all(k, {0}.values[k] > 0.1)", "variables.worst < 100.0"),
    "load": (
        "{0}.error_rate < 0.5 && {0}.latency_ms.?p95.orValue(1.0) > 0.1",
        "double({0}.requests) / {0}.error_rate > 2.0",
    ),
    "scan": ("{0}.counts.total == {0}.targets", "now - timestamp({0}.db_updated_at) < duration(params.age)"),
    "rollout": ("{0}.complete == params.strict", "!{0}.failed"),
}
"""Conditions in CEL by the kind of the evidence that they read."""
WHENS = (
    "environment.name == 'prod'",
    "params.strict",
    "artifact.commit != ''",
    "now > timestamp('2026-07-01T00:00:00Z')",
)
MESSAGES = (
    "'it is ' + params.word",
    "string(params.share)",
    "'in ' + environment.name",
    "string(1 / (params.whole - 2))",
)


def _few(draw: Draw, keys: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    """Two of these at most, so that not everything is refused."""
    return {key: draw(keys[key]) for key in draw(st.lists(st.sampled_from(sorted(keys)), unique=True, max_size=2))}


def _rule(draw: Draw, number: int, evidence: dict[str, str]) -> dict[str, Any]:
    """A rule over one piece of evidence, by a shorthand or in CEL."""
    name = draw(st.sampled_from(sorted(evidence)))
    ways = [(key, make) for key, (kind, make) in SHORTHANDS.items() if kind == evidence[name]]
    texts = REQUIRED.get(evidence[name], ())
    if ways and (not texts or draw(st.booleans())):
        key, make = ways[0]
        condition: Any = {key: {**make(draw), "in": name}}
    else:
        condition = {"require": draw(st.sampled_from(texts)).format(f"evidence.{name}")}
    more = _few(
        draw,
        {
            "when": st.sampled_from(WHENS),
            "message": st.sampled_from(MESSAGES),
            "optional": st.booleans(),
            "effective_on": st.sampled_from(["2026-06-01", "2026-08-01"]),
        },
    )
    return {"id": f"r{number}", "why": "w", "remedy": "r", **condition, **more}


def _requirement(draw: Draw, kind: str) -> dict[str, Any]:
    more = _few(
        draw,
        {
            "about": st.sampled_from(sorted(SIDES)),
            "max_age": st.sampled_from(["7d", "400d"]),
            "producers": st.sampled_from([[f"acme-{kind}"], [f"acme-{kind}", f"other-{kind}"]]),
            "signed_by": st.lists(st.sampled_from(SIGNERS), unique=True, min_size=1),
            "expect": st.sampled_from([1, 2]),
            "optional": st.booleans(),
        },
    )
    return {"kind": kind, **more}


@st.composite
def scenes(draw: Draw) -> Scene:
    """A policy of a few rules over a few pieces of evidence, not all of which are given."""
    kinds = draw(st.lists(st.sampled_from(READ), min_size=1, max_size=3))
    declared = {f"e{number}": kind for number, kind in enumerate(kinds)}
    first = next((name for name, kind in declared.items() if kind == "metrics"), None)
    worst = "1.0" if first is None else f"evidence.{first}.values.a"
    spec = {
        "parameters": PARAMETERS,
        "variables": {name: text.format(worst) for name, text in VARIABLES.items()},
        "evidence": {name: _requirement(draw, kind) for name, kind in declared.items()},
        "rules": [_rule(draw, number, declared) for number in range(draw(st.integers(1, 4)))],
    }
    head = {"apiVersion": "gatekeeper/v1", "kind": "Policy", "metadata": {"name": "p", "version": "1.0.0"}}
    environment = draw(st.sampled_from([None, "prod", "dev"]))
    return Scene(
        policy={**head, "spec": spec},
        environment=environment,
        parameters=draw(settings_) if environment else {},
        artifact=ARTIFACT if environment else draw(st.sampled_from([None, ARTIFACT])),
        evidence={name: evidence(draw, name, kind) for name, kind in declared.items() if draw(st.integers(0, 9))},
    )
