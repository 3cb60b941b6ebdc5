"""What an expression reads through its variables."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.judge.cel.checking import Checked
from gatekeeper.judge.cel.find import Path

Reads = tuple[tuple[Path, ...], tuple[Path, ...]]


def compose(checked: Checked, variables: Mapping[str, Checked]) -> Reads:
    """`reads` and `guarded` of an expression with those of the variables that it reads, by name.

    A variable that is wholly a static path stands for it; a guard holds for what a variable reads behind it, too.
    """
    return _Composer(variables).reads(checked)


class _Composer:
    def __init__(self, variables: Mapping[str, Checked]) -> None:
        self.variables = variables
        self.known: dict[str, Reads] = {}

    def reads(self, checked: Checked) -> Reads:
        free: dict[Path, None] = {}
        guarded: dict[Path, None] = {}
        for path, guards in checked.uses:
            held = frozenset(map(self.resolved, guards))
            for read in self.read(path, guarded):
                (guarded if read in held else free).setdefault(read)
        guarded.update(dict.fromkeys(map(self.resolved, checked.asked)))
        return tuple(free), tuple(path for path in guarded if path not in free)

    def read(self, path: Path, guarded: dict[Path, None]) -> tuple[Path, ...]:
        """What reading this path reads; what is guarded inside a variable is added to `guarded`."""
        whole = self.resolved(path)
        if whole[0] != "variables" or whole[1] not in self.variables:
            return (whole,)
        own, inner = self.variable(str(whole[1]))
        guarded.update(dict.fromkeys(inner))
        return (*own, whole)

    def variable(self, name: str) -> Reads:
        if name not in self.known:
            self.known[name] = self.reads(self.variables[name])
        return self.known[name]

    def resolved(self, path: Path) -> Path:
        """The path with variables that only stand for another path put in place."""
        while path[0] == "variables" and len(path) > 1:
            checked = self.variables.get(str(path[1]))
            if checked is None or checked.whole is None:
                break
            path = (*checked.whole, *path[2:])
        return path
