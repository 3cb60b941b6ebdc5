"""docs/signing.md is true: its commands run, and its tables are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

from gatekeeper.evidence.bound import MAX_REPORT, PREDICATE, Binding
from gatekeeper.policy.documents import load
from gatekeeper.wiring.binding import SIDES
from tests.conftest import Command
from tests.corpus import ROOT
from tests.policies import reports

PAGE = (ROOT / "docs" / "signing.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_predicate_has_the_keys_that_it_names() -> None:
    text = section("The predicate")
    assert f"`{PREDICATE}`" in text
    keys = [name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(keys) == sorted(Binding.__struct_fields__)


def test_every_side_is_in_the_table_and_the_bound_is_told() -> None:
    rows = re.findall(r"^\| `(\w+)=", section("Bind and sign"), re.MULTILINE)
    assert sorted(rows) == sorted(SIDES)
    assert f"{MAX_REPORT // 2**20} MiB" in PAGE


def test_its_policy_is_read() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    head = "apiVersion: gatekeeper/v1\nkind: Policy\nmetadata: {name: p, version: 1.0.0}\nspec:\n"
    rules = "  rules:\n  - {id: it, why: w, remedy: r, tests: {in: unit}}\n"
    text = head + "".join(f"  {line}\n" for line in block.splitlines()) + rules
    assert load(text.encode(), "docs/signing.md")


def test_its_commands_run(gatekeeper: Command, tmp_path: Path) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    keygen, bind, evaluate = re.findall(r"^gatekeeper (.*?)$", block.replace("\\\n", " "), re.MULTILINE)
    (tmp_path / "junit.xml").write_bytes(reports.junit())
    values = {"sha256:…": reports.DIGEST, "9f2c…": "9f2c" * 10}
    for command in (keygen, bind):
        words = command.partition("#")[0]
        for shown, value in values.items():
            words = words.replace(shown, value)
        found = gatekeeper(*words.split())
        assert found.code == 0, found.stderr
    assert (tmp_path / "junit.signed.json").exists()
    assert "--evidence junit.signed.json" in evaluate
