"""The version of an installed engine, found beside its module: `importlib.metadata` costs as much as a judgement."""

from __future__ import annotations

from types import ModuleType


def installed_version(module: ModuleType, distribution: str) -> str:
    """The version in the name of the `.dist-info` folder that lies next to the package, else what the metadata says."""
    import os  # only for the record's context

    site = os.path.dirname(os.path.dirname(module.__file__ or ""))
    start = f"{distribution}-"
    try:
        for name in os.listdir(site):
            if name.startswith(start) and name.endswith(".dist-info"):
                return name.removeprefix(start).removesuffix(".dist-info")
    except OSError:
        pass
    from importlib.metadata import version  # an unusual installation: a zip, an editable one

    return version(distribution.replace("_", "-"))
