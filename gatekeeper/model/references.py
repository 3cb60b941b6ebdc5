"""The strings by which files name a version, an image, a model or data, with the patterns that the schemas carry.

Apart from the other scalars, which every policy needs: each pattern is compiled where its module is loaded.
"""

from typing import Annotated

from msgspec import Meta

# Of `$(?!\n)` see `scalars`.

VersionRange = Annotated[
    str,
    Meta(
        pattern=r"^(\^|~|=)?[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z.-]+)?$(?!\n)",
        description="`^2`, `^2.1`, `~2.1`, or one exact version.",
    ),
]
Digest = Annotated[
    str,
    Meta(
        pattern=r"^sha256:[0-9a-f]{64}$(?!\n)",
        description="`sha256:` and 64 lower-case hex digits.",
    ),
]
DataName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9._][-A-Za-z0-9._/@+]{0,199}$(?!\n)",
        description="A data set's name, or its path as the pipeline writes it; at most 200 characters.",
    ),
]
DataDigest = Annotated[
    str,
    Meta(
        pattern=r"^(sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}(\.dir)?)$(?!\n)",
        description="`sha256:` and 64 hex digits; or `md5:` and 32, as DVC writes it, which stops mistakes only.",
    ),
]
Id = Annotated[
    str,
    Meta(
        pattern=r"^(?!(sha256|md5|gitCommit):)[!-~]{1,200}$(?!\n)",
        description="A commit or run, printable and without spaces; not written as a digest, for which it could pass.",
    ),
]
Uri = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=4000,
        pattern=r"^(?![A-Za-z][-A-Za-z0-9+.]*://[^/?#]*@)",
        description="A URI or a place; without a user or password in it, because it is kept in records.",
    ),
]
