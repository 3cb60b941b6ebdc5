"""libyaml's complaints in plain words. Loaded only when a file is not YAML."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import Problem
from gatekeeper.policy.filetext import problem_at

_BLOCK = "Quote the value, or write it below `>-`, indented."

# libyaml's sentence, then ours and what to do. The sentences are those of libyaml 0.2 (scanner.c, parser.c).
_WORDS = {
    "mapping values are not allowed in this context": ("a `:` stands where no key can be", _BLOCK),
    "block sequence entries are not allowed in this context": ("a `- ` stands where no list can be", _BLOCK),
    "could not find expected ':'": ("a key has no `:`", "Write `key: value`; indent the lines of a longer text."),
    "found undefined alias": ("an unquoted `*` begins an alias, and there is no such anchor", _BLOCK),
    "second occurrence": ("the same anchor is given twice", "Give each anchor its own name."),
    "found unexpected end of stream": ("a quote is opened and never closed", "Close it."),
    "found unknown escape character": ("there is no such escape in double quotes", "Use single quotes."),
    "found invalid Unicode character escape code": ("the escape names no character", "Use single quotes."),
    "found incompatible YAML document": ("this version of YAML is not read", "Remove the `%YAML` line."),
    "found unknown directive name": ("this directive is not read", "Remove the line."),
    "did not find expected ',' or ']'": ("a `[` is not closed, or a comma is missing", "Close it, or add the comma."),
    "did not find expected ',' or '}'": ("a `{` is not closed, or a comma is missing", "Close it, or add the comma."),
    "did not find expected key": ("text follows where a key should begin", "Check the quotes and the indentation."),
    "did not find expected '-' indicator": ("a list ends in something else", "Check the indentation."),
    "did not find expected <document start>": ("text follows the end of the document", "Begin a new one with `---`."),
    "found a tab character where an indentation space is expected": ("a tab stands as indentation", "Use spaces."),
    "found a tab character that violates indentation": ("a tab stands as indentation", "Use spaces."),
    "did not find expected node content": ("a value is missing here", "Check the commas and brackets before it."),
    "mapping keys are not allowed in this context": ("an unquoted `?` marks a key", _BLOCK),
    "exceeded maximum nesting depth": ("the document is nested too deep", ""),
}


def syntax_problem(fault: Any, text: str, file: str) -> Problem:
    """The place where libyaml stopped, in our words where we have them and else in its own.

    What is never closed is told where it was opened, where libyaml knows that, and not at the end of the file.
    """
    end = len(text.rstrip())
    marks = [mark for name in ("problem_mark", "context_mark") if (mark := getattr(fault, name, None)) is not None]
    if not marks:
        return Problem(f"this is not YAML: {fault}", file)
    index = next((mark.index for mark in marks if mark.index < end), end)
    message, remedy = _wording(str(fault.problem or fault.context), text[index : index + 1])
    return problem_at(file, text, index, message, remedy)


def _wording(problem: str, character: str) -> tuple[str, str]:
    if problem == "found character that cannot start any token":
        if character == "\t":
            return "a tab stands as indentation", "Use spaces."
        return f"no unquoted value can begin with `{character}`", "Quote the value."
    return _WORDS.get(problem, (f"this is not YAML: {problem}", ""))
