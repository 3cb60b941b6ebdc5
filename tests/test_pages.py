"""What every page has in common: its links lead somewhere, its files can be read, its commands exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.model.delivery import ForgeType
from gatekeeper.model.environment import EnvironmentSpec
from gatekeeper.model.judgement import Promotion
from gatekeeper.model.status import EnvironmentStatus, Newer, Standing, Status
from gatekeeper.policy.documents import TYPES, load
from gatekeeper.policy.placeholders import PLACEHOLDERS
from tests.conftest import Command
from tests.corpus import ROOT

PAGES = sorted(
    [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
    + [
        ROOT / folder / "README.md"
        for folder in ("policies", "environments", "examples/churn", "examples/release-train")
    ]
)
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return FENCED.sub("", text(page))


def blocks(page: Path, language: str) -> list[str]:
    found = FENCED.findall(text(page))
    return [re.sub(f"^{indent}", "", body, flags=re.MULTILINE) for indent, word, body in found if word == language]


def anchors(page: Path) -> list[str]:
    """The ids that GitHub gives to the headings."""
    heads = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    page = ROOT / name
    for link in re.findall(r"\]\(([^)]+)\)", prose(page)):
        place, _, anchor = link.partition("#")
        if "://" in link:
            assert link.startswith("https://"), link
            continue
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_ours_that_is_shown_can_be_read(name: str) -> None:
    for block in blocks(ROOT / name, "yaml"):
        for document in re.split(r"^---\n", block, flags=re.MULTILINE):
            if document.startswith("apiVersion: gatekeeper/"):
                load(document.encode(), name)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_shown_has_the_options_that_it_is_given(gatekeeper: Command, name: str) -> None:
    for words in _commands(ROOT / name):
        depth = 2 if words[0] in {"policy", "evidence", "hold", "waiver"} else 1
        helped = gatekeeper(*words[:depth], "--help")
        assert helped.code == 0, words
        end = words.index("--") if "--" in words else len(words)
        for option in (word.partition("=")[0] for word in words[depth:end] if re.match(r"--?[a-z]", word)):
            assert re.search(rf"(?<![\w-]){option}\b", helped.stdout), f"{words}: no {option}"


def _commands(page: Path) -> list[list[str]]:
    """The words of every `gatekeeper` command of the fenced blocks, quotes and comments taken away."""
    shown = [body for language in ("sh", "console", "text") for body in blocks(page, language)]
    lines = "\n".join(shown).replace("\\\n", " ").splitlines()
    found = [re.match(r"(?:\$ )?(?:\.venv/bin/)?gatekeeper ([a-z].*)", line.strip()) for line in lines]
    bare = [re.sub(r"'[^']*'|\"[^\"]*\"", "TEXT", match[1].partition(" #")[0]) for match in found if match]
    return [one.split() for one in bare]


def test_there_are_commands_to_look_at() -> None:
    assert len([words for page in PAGES for words in _commands(page)]) > 20


def test_every_producer_is_in_the_table_of_what_tells_nothing_with_its_kinds() -> None:
    rows = re.findall(
        r"^\| \[`([\w-]+)`\]\(#[^)]*\) \| ([^|]+) \|(.*)\|$", text(ROOT / "docs/evidence.md"), re.MULTILINE
    )
    assert {name: set(kinds.strip().split(", ")) for name, kinds, _ in rows} == {
        name: set(entry.kinds) for name, entry in PRODUCERS.items()
    }
    assert all(len(cells.split("|")) == 4 and all(map(str.strip, cells.split("|"))) for _, _, cells in rows)


def test_every_extra_that_is_to_be_installed_there_is() -> None:
    extras = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    named = {one for page in PAGES for one in re.findall(r"ml-gatekeeper\[([\w,-]+)\]", text(page))}
    assert named == set(extras)


def keys(page: str, heading: str) -> set[str]:
    """What stands in backticks in the first column of the tables under a heading."""
    section = text(ROOT / page).split(f"\n## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([^|]*`[^|]*) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)(?:\[\])?`", cell)}


def test_every_key_of_the_promotion_is_told() -> None:
    assert keys("docs/reports.md", "json") == {"promotion", *Promotion.__struct_fields__}


def test_every_key_of_the_status_is_told() -> None:
    told = set(Status.__struct_fields__) | set(Standing.__struct_fields__) - {"artifact"}
    assert keys("docs/status.md", "json") == told
    section = text(ROOT / "docs/status.md").partition("## json")[2]
    more = {*EnvironmentStatus.__struct_fields__, *Newer.__struct_fields__}
    assert not [name for name in more if f"`{name}`" not in section]


def test_every_key_of_an_environment_is_told() -> None:
    assert keys("docs/files.md", "Environment") == {"spec", *EnvironmentSpec.__struct_fields__}


def test_every_placeholder_of_a_message_is_told() -> None:
    section = text(ROOT / "docs/promotion.md").partition("### The head of the message")[2].partition("\n## ")[0]
    assert set(re.findall(r"`\{(\w+)\}`", section)) == set(PLACEHOLDERS)


def test_every_kind_of_file_has_a_section_and_every_forge_a_row() -> None:
    heads = anchors(ROOT / "docs/files.md")
    assert not [kind for kind in TYPES if kind.lower() not in heads]
    assert not [name for name in get_args(ForgeType) if f"`{name}`" not in text(ROOT / "docs/forges.md")]


def test_every_condition_that_can_be_waited_for_is_told() -> None:
    files = [*(ROOT / "gatekeeper" / "promotion").glob("*.py"), *(ROOT / "gatekeeper" / "app").glob("*.py")]
    used = {name for path in files for name in re.findall(r'condition="(\w+)"', text(path))}
    (row,) = re.findall(r"^\| `waiting\[\]` \| `condition` \(([^)]*)\)", text(ROOT / "docs/reports.md"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == used
