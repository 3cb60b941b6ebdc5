"""cel-python's parser, kept from printing what it was at when it is interrupted."""

from __future__ import annotations

from typing import Any

from celpy.celparser import CELParseError, CELParser


def _parser() -> CELParser:
    parser = CELParser()
    lark = CELParser.CEL_PARSER
    machine = getattr(getattr(getattr(lark, "parser", None), "parser", None), "parser", None)
    if machine is not None:
        machine.debug = False
    return parser


_PARSER = _parser()


def parse(source: str) -> Any:
    """The parse tree. Raises CELParseError."""
    return _PARSER.parse(source)


def parsed(source: str) -> tuple[Any, bool]:
    """The parse tree, and whether there is none because cel-python's grammar is smaller than CEL's."""
    try:
        return parse(source), False
    except (CELParseError, RecursionError):
        return None, True
