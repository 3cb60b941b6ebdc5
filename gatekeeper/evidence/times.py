"""Instants out of reports, brought to one form: RFC 3339 in UTC."""

from __future__ import annotations

import re

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def utc(text: object) -> str | None:
    """The instant `text` in UTC; None where it is no RFC 3339 instant, or carries no offset and so names none."""
    found = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    from datetime import UTC, datetime

    date, time, fraction, offset = found.groups()
    zone = "+00:00" if offset in "Zz" else offset
    try:
        moment = datetime.fromisoformat(f"{date}T{time}.{fraction or '0':0<6}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat().replace("+00:00", "Z")


def milliseconds(value: object) -> str | None:
    """Milliseconds since 1970, as a number or its digits, in UTC; None where they are neither, or 0."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if type(value) is not int or not 0 < value < 2**47:
        return None
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    return moment.isoformat().replace("+00:00", "Z")
