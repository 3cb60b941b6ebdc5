"""Many documents, eight rules, one process: the judge beside the bare CEL engine on the same expressions.

`python benchmarks/replay.py [--documents N]`. All judge the same documents in turn, in blocks; making the documents is
not counted. The bare engine converts each document once and asks each rule for its type and value, nothing else.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from cel_expr_python import cel

from gatekeeper.judge.bulk import outcomes
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.judge import Case, judge
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.model.evidence import Envelope, Producer
from gatekeeper.policy.documents import load

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCK = 1000
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KINDS = ("metrics", "fairness", "load")


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Facts of about eighty values each, every one of them new."""
    rng = random.Random(20261123)
    for _ in range(count):
        yield {"metrics": _metrics(rng), "fairness": _fairness(rng), "load": _load(rng)}


def _metrics(rng: random.Random) -> dict[str, Any]:
    others = {f"metric_{number}": rng.random() for number in range(36)}
    named = {"accuracy": rng.random(), "f1": rng.random(), "roc_auc": 0.9, "positive_rate": 0.2}
    return {"values": named | others}


def _fairness(rng: random.Random) -> dict[str, Any]:
    group = {"n": rng.randint(20, 900), "selected": 20, "positives": 40, "true_positives": 18, "false_positives": 2}
    gender = {
        "n": 1000,
        "group_count": 4,
        "smallest_n": group["n"],
        "gaps": {"demographic_parity_difference": rng.random() / 5},
        "groups": {name: dict(group) for name in "ABCD"},
    }
    return {"attributes": {"gender": gender}}


def _load(rng: random.Random) -> dict[str, Any]:
    latency = {"mean": 40.0, "p50": 38.0, "p90": 71.0, "p95": rng.random() * 300, "p99": 301.0}
    return {
        "requests": rng.randint(500, 9000),
        "failures": 3,
        "error_rate": rng.random() / 50,
        "latency_ms": latency,
    }


def ready_policy() -> tuple[tuple[ReadyPolicy, ...], Any]:
    """The policy, ready to judge, and its engine."""
    with open(os.path.join(HERE, "cold", "replay.yaml"), "rb") as file:
        document = load(file.read(), "replay.yaml")[0]
    engine = load_engine("cel-cpp")
    return prepare([Application(document=document, enforcement="deny")], [engine]), engine


def case_of(facts: dict[str, Any]) -> Case:
    """What is judged: one document's facts, as evidence that was read before."""
    envelopes = tuple(
        Envelope(name=kind, kind=kind, producer=PRODUCER, source=kind, digest=DIGEST, facts=facts[kind])
        for kind in KINDS
    )
    return Case(artifact=None, environment=None, envelopes=envelopes, now=NOW)


def in_bulk() -> Callable[[list[dict[str, Any]]], int]:
    """Judge each document for its outcomes alone, as a replay does; returns how many rules passed."""
    policies, engine = ready_policy()

    def run(block: list[dict[str, Any]]) -> int:
        return sum(one.result == "pass" for facts in block for one in outcomes(policies, [engine], case_of(facts))[1])

    return run


def in_full() -> Callable[[list[dict[str, Any]]], int]:
    """Judge each document with all that a report says of each rule; returns how many passed."""
    policies, engine = ready_policy()

    def run(block: list[dict[str, Any]]) -> int:
        return sum(judge(policies, [engine], case_of(facts)).counts.passed for facts in block)

    return run


PRODUCER = Producer(name="json")
DIGEST = "sha256:" + "0" * 64


def through_engine() -> Callable[[list[dict[str, Any]]], int]:
    """Evaluate each expression on each document; returns how many were true."""
    env = cel.NewEnv(variables={"evidence": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})
    policies, _ = ready_policy()
    expressions = [env.compile(rule.pass_if.checked.source) for rule in policies[0].rules]

    def run(block: list[dict[str, Any]]) -> int:
        passed = 0
        for facts in block:
            activation = env.Activation({"evidence": facts})
            for expression in expressions:
                value = expression.eval(activation)
                passed += value.type() == cel.Type.BOOL and value.value() is True
        return passed

    return run


def main() -> None:
    """Measure and print all, and whether they agree."""
    count = int(sys.argv[sys.argv.index("--documents") + 1]) if "--documents" in sys.argv else 100_000
    runners = {"bare engine": through_engine(), "judge, outcomes": in_bulk(), "judge, full report": in_full()}
    spent, passed = dict.fromkeys(runners, 0.0), dict.fromkeys(runners, 0)
    source = documents(count)
    while block := [facts for _, facts in zip(range(BLOCK), source, strict=False)]:
        for name, run in runners.items():
            start = time.process_time()
            passed[name] += run(block)
            spent[name] += time.process_time() - start
    base = spent["bare engine"]
    print("| what | cpu, s | us per document | ratio | rules passed |\n|---|---|---|---|---|")
    for name, cpu in spent.items():
        print(f"| {name} | {cpu:.2f} | {cpu / count * 1e6:.1f} | {cpu / base:.2f} | {passed[name]} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{count} documents, peak memory {peak:.0f} MiB")
    if len(set(passed.values())) != 1:
        sys.exit("they disagree")


if __name__ == "__main__":
    main()
