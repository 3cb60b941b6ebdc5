"""The options of the judging commands, as one table: click and the straight way both read it, so they cannot differ."""

from __future__ import annotations

from msgspec import Struct

FORMATS = ("text", "json", "junit", "sarif", "markdown", "github", "html")


class Option(Struct, frozen=True, kw_only=True):
    """One option. `takes` is `one` value, `many` (repeatable), `flag` or `count`."""

    names: tuple[str, ...]
    key: str
    help: str
    takes: str = "one"
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None

    @property
    def absent(self) -> object:
        """The value where the option is not given."""
        return {"one": self.default, "many": (), "flag": False, "count": 0}[self.takes]


JUDGING = (
    Option(names=("--env",), key="environment", metavar="NAME", help="The environment whose policies judge."),
    Option(
        names=("--artifact",),
        key="artifact",
        metavar="REF|FILE",
        help="`name:tag@sha256:…`, a file of kind Artifact, or `oci:name:tag` to read the image's labels too.",
    ),
    Option(
        names=("--evidence",),
        key="evidence",
        takes="many",
        metavar="SPEC",
        help="`FILE`, folder, glob, `producer:path`, `name=path` or `name=producer:path`; repeatable.",
    ),
    Option(
        names=("--repo",),
        key="repo",
        metavar="PATH|URL[@REF]",
        help="The GitOps repository; read at a commit, by default HEAD.",
    ),
    Option(
        names=("--engine",),
        key="engine",
        choices=("cel-cpp", "cel-python"),
        help="The CEL engine.  [default: cel-cpp, where it has a wheel]",
    ),
    Option(
        names=("--cross-check",),
        key="cross_check",
        takes="flag",
        help="Judge every rule on both engines; a disagreement is an error.",
    ),
    Option(names=("--decision",), key="decision", metavar="FILE", help="Write the decision record to FILE."),
)
PROMOTING = (
    JUDGING[0],
    Option(
        names=("--artifact",),
        key="artifacts",
        takes="many",
        metavar="REF|FILE",
        help="As for `evaluate`; repeatable: several are promoted in one commit, all or none.",
    ),
    *JUDGING[2:],
)
OUTPUT = (
    Option(names=("--format",), key="format_", choices=FORMATS, default="text", help="How the result is written."),
    Option(names=("--output",), key="output", metavar="FILE", help="Write the result to FILE instead of stdout."),
    Option(
        names=("--report",),
        key="reports",
        takes="many",
        metavar="FORMAT=FILE",
        help="Write a further report; repeatable.",
    ),
    Option(
        names=("--color",),
        key="color",
        choices=("auto", "always", "never"),
        default="auto",
        help="Colour of the text format; NO_COLOR counts.",
    ),
    Option(names=("-v", "--verbose"), key="verbose", takes="count", help="More talk on stderr."),
    Option(names=("-q", "--quiet"), key="quiet", takes="flag", help="No talk on stderr."),
    Option(names=("--debug",), key="debug", takes="flag", help="Show the traceback of an error."),
)
EVALUATE = (
    *JUDGING,
    Option(
        names=("--policy",),
        key="policies",
        takes="many",
        metavar="FILE",
        help="Judge by this policy alone; repeatable.",
    ),
    Option(
        names=("--trust",),
        key="trust",
        metavar="FILE",
        help="Whose keys count, with --policy.  [default: the project's trust.yaml]",
    ),
    Option(names=("--now",), key="now", metavar="INSTANT", help="Judge as at this instant (RFC 3339)."),
    *OUTPUT,
)
