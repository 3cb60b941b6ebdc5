"""What terminals and CI systems act on when a report goes to their log."""

from __future__ import annotations

import re


def assert_quiet(text: str, *, commands: tuple[str, ...] = ()) -> None:
    """No control characters but line ends, no `##name[`, and no line that opens with `::` save the `commands`."""
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert not re.search(r"##\w*(\.\w+)*\[", text)
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::") or line.startswith(commands or ("never",))
