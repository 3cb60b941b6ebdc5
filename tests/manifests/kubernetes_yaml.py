"""Kubernetes objects as people write them: any order, quotes, comments, anchors, flow, newlines and marks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.manifests.wishes import NAME

WANTED = f"{NAME}:old"
"""What stands where an image of the repository stands, and nowhere else."""
DECOY = f"{NAME}:decoy"
_COMMENTS = st.sampled_from(["", "", " # c", f"  # image: {DECOY}", " # é {x}: 'y"])
_QUOTES = st.sampled_from(["", "", "'", '"'])


class Aliased(str):
    """Text that is written once with an anchor, and then by its alias."""


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """One or more documents, at least one with the wanted image."""
    documents = draw(st.lists(_documents(), min_size=1, max_size=3))
    documents.insert(draw(st.integers(0, len(documents))), draw(_workloads(wanted=True)))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = "---\n".join(_Writer(draw).document(document) for document in documents)
    mark = draw(st.sampled_from(["", "", "\ufeff", "# head\n---\n"]))
    body = (mark + text).replace("\n", newline)
    return body if draw(st.booleans()) or body.rstrip("\r\n").endswith(":") else body.rstrip("\r\n")


@st.composite
def _documents(draw: st.DrawFn) -> Any:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "data": {"image": DECOY, "f": f"containers:\n- image: {DECOY}\n"},
    }
    return draw(st.one_of(st.just(config), _workloads(wanted=False), _lists()))


@st.composite
def _lists(draw: st.DrawFn) -> Any:
    return {
        "kind": "List",
        "apiVersion": "v1",
        "items": draw(st.lists(_workloads(wanted=False), min_size=1, max_size=2)),
    }


@st.composite
def _workloads(draw: st.DrawFn, *, wanted: bool) -> Any:
    images = [WANTED] if wanted else []
    images += draw(
        st.lists(st.sampled_from([WANTED, "other:1", "registry.example/churn2:old", NAME + "/x:old"]), max_size=3)
    )
    if draw(st.booleans()) and images.count(WANTED) > 1:
        images = [Aliased(image) if image == WANTED else image for image in images]
    containers = [
        {"name": f"c{n}", "image": image, "env": [{"name": "image", "value": DECOY}]} for n, image in enumerate(images)
    ]
    pod: dict[str, Any] = {"initContainers": containers[1:], "containers": containers[:1] or [{"name": "x"}]}
    template = {"metadata": {"annotations": {"image": DECOY}}, "spec": pod}
    if draw(st.booleans()):
        return {"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": template}}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template}}


class _Writer:
    """Writes one document; what may vary is drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.anchors: set[str] = set()

    def document(self, value: Any) -> str:
        return self._block(value, 0)

    def _block(self, value: Any, indent: int) -> str:
        pad = " " * indent
        if isinstance(value, dict):
            keys = self.draw(st.permutations(list(value)))
            return "".join(f"{pad}{key}:{self._value(value[key], indent)}" for key in keys)
        return "".join(f"{pad}-{self._value(item, indent)}" for item in value)

    def _value(self, value: Any, indent: int) -> str:
        if isinstance(value, str) and "\n" in value:
            lines = value.splitlines()
            return " |\n" + "".join(f"{' ' * (indent + 2)}{line}\n" for line in lines)
        if isinstance(value, str) or not value or self.draw(st.integers(0, 9)) == 0:
            return f" {self._flow(value)}{self.draw(_COMMENTS)}\n"
        return f"{self.draw(_COMMENTS)}\n{self._block(value, indent + self.draw(st.sampled_from([2, 4])))}"

    def _flow(self, value: Any) -> str:
        if isinstance(value, dict):
            return (
                "{"
                + ", ".join(f"{key}: {self._flow(value[key])}" for key in self.draw(st.permutations(list(value))))
                + "}"
            )
        if isinstance(value, list):
            return "[" + ", ".join(self._flow(item) for item in value) + "]"
        return self._scalar(value)

    def _scalar(self, value: str) -> str:
        quote = '"' if "\n" in value else self.draw(_QUOTES)
        text = f"{quote}{value}{quote}".replace("\n", "\\n")
        if not isinstance(value, Aliased):
            return text
        # Every document has one wanted image by anchor at most, so one name serves.
        if "i" in self.anchors:
            return "*i"
        self.anchors.add("i")
        return f"&i {text}"


_PIECES = (
    *(
        "#",
        " # c",
        "\n",
        "\r\n",
        "\t",
        "  ",
        ": ",
        "- ",
        "? ",
        '"',
        "'",
        "&a ",
        "*a",
        "!!str ",
        "|",
        "{",
        "}",
        "[",
        "]",
        ",",
    ),
    *(
        f"image: {WANTED}",
        "containers:",
        "kind: Pod",
        "---\n",
        "<<: *i",
        "\u2028",
        "\x85",
        "\ufeff",
        "\r",
        "{{",
        "~",
        "\x00",
    ),
)


def damaged(text: str, data: st.DataObject) -> str:
    """The text with pieces put in, taken out or repeated."""
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 12)))
        piece = data.draw(st.sampled_from(["", text[at:end] * 2, *_PIECES]))
        text = text[:at] + piece + text[end if piece == "" else at :]
    return text
