"""The strings that have a form of their own, with the patterns that the schemas carry."""

from typing import Annotated

from msgspec import Meta

# `$(?!\n)` is the very end in Python and in JavaScript alike: a bare `$` lets a last line break through in Python, and
# `\d` lets other digits than 0-9 through there.

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]([-a-z0-9._]{0,98}[a-z0-9])?$(?!\n)",
        description="Lower-case letters, digits, `-`, `.` and `_`; at most 100.",
    ),
]
Identifier = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$(?!\n)",
        description="Letters, digits and `_`, not beginning with a digit; at most 100.",
    ),
]
Version = Annotated[
    str,
    Meta(
        pattern=r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$(?!\n)",
        description="A semantic version, `MAJOR.MINOR.PATCH`.",
    ),
]
Duration = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}[smhdw]$(?!\n)",
        description="A whole number and one unit of s, m, h, d, w.",
    ),
]
Instant = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$(?!\n)",
        description="RFC 3339 with offset, or a bare date: its first moment in UTC.",
    ),
]
Signer = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]([-a-z0-9._:]{0,98}[a-z0-9])?$(?!\n)",
        description="A key, machine or person of `trust.yaml`, or a role such as `evidence:trivy`.",
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=4000)]
Cel = Annotated[str, Meta(min_length=1, max_length=20000, description="A CEL expression.")]
Path = Annotated[str, Meta(min_length=1, max_length=1000, description="A path inside the repository, with `/`.")]
Limit = float | int | str
"""A number, or a CEL expression that gives one."""
