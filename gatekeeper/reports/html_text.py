"""Text of others inside HTML: escaped for elements and quoted attributes, on one line, printable."""

from __future__ import annotations

from html import escape

from gatekeeper.reports.plain import line


def said(text: str) -> str:
    """`text` for an element or a quoted attribute."""
    return escaped(line(text))


def escaped(text: str) -> str:
    """Printable text, escaped; `##` too, of which CI systems make commands when a page goes to their log."""
    return escape(text, quote=True).replace("##", "#&#35;")


def code(text: str) -> str:
    """`text` as a name, path or digest; empty where there is none."""
    return f"<code>{said(text)}</code>" if text else ""


def chip(text: str, tone: str) -> str:
    """A label in one of the tones of the style: `good`, `bad`, `doubt`, `quiet`."""
    wide = " wrap" if len(text) > 24 else ""
    return f'<span class="chip {tone}{wide}">{said(text)}</span>'


def cell(label: str, content: str, kind: str = "") -> str:
    """A table cell that names its column where the table becomes a list; an empty one takes no room there."""
    classes = " ".join(part for part in (kind, "" if content else "none") if part)
    head = f' class="{classes}"' if classes else ""
    return f'<td{head} data-label="{label}">{content}</td>'


def figures(text: str) -> str:
    """A limit as it is written by hand; empty for `-`, which stands for none."""
    return "" if text == "-" else said(text.replace(">=", "≥", 1).replace("<=", "≤", 1))


def table(kind: str, columns: dict[str, str], rows: list[str]) -> str:
    """A table of columns, each with its class, and ready rows."""
    heads = "".join(f'<th scope="col" class="{style}">{name}</th>' for name, style in columns.items())
    return f'<table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
