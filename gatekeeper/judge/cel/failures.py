"""Why an evaluation failed, in our words. Loaded only when one did.

An engine's own text may quote evidence (a key, a pattern, a time); of it only what the policy itself wrote is repeated.
"""

from __future__ import annotations

from gatekeeper.errors import EvidenceError
from gatekeeper.judge.cel.answer import Answer, failure

STEPS = 10_000
TOO_LONG = failure(
    "limit", f"the rule runs over more than {STEPS} elements in all; count them where the evidence is made"
)
_BY_PHRASE = (
    ("divide by zero", "argument", "division by zero"),
    ("modulus by zero", "argument", "division by zero"),
    ("invalid regular expression", "argument", "a pattern is not a regular expression"),
    ("Applying SELECT to non-message type", "type", "a field was asked of something that has none"),
    ("overflow", "overflow", "a number grew out of its range"),
    ("precision specifier", "argument", "format() was asked for too many digits"),
)
_BY_STATUS = {
    "NOT_FOUND": ("missing_key", "a key is not there"),
    "OUT_OF_RANGE": ("overflow", "a number is out of range"),
    "INVALID_ARGUMENT": ("argument", "a value is not of the form that a function takes"),
}


def failed(text: str, source: str) -> Answer:
    """The failure of a result of type ERROR, from `STATUS: text`."""
    status, _, detail = text.partition(": ")
    if detail.startswith("Key not found in map : "):
        return failure("missing_key", _key(detail.removeprefix("Key not found in map : "), source))
    if detail.startswith("No value with name "):
        return failure("unbound", f"{detail.split(chr(34))[1]} has no value")
    if detail.startswith("Index error: "):
        return failure("missing_key", "a list is shorter than the rule expects")
    if detail.startswith("No matching overloads found : "):
        return _overload(detail.removeprefix("No matching overloads found : "))
    for phrase, code, message in _BY_PHRASE:
        if phrase in detail:
            return failure(code, message)
    return failure(*_BY_STATUS.get(status, ("engine", "the expression has no value for this evidence")))


def raised(error: Exception) -> Answer:
    """The failure of an exception that came out of the engine."""
    if isinstance(error, EvidenceError):
        return failure("argument", error.message)
    text = str(error)
    if "Iteration budget exceeded" in text:
        return TOO_LONG
    if isinstance(error, MemoryError):
        return failure("limit", "the expression needs more memory than there is")
    if "No overload found" in text:
        return failure("type", "a function cannot take what it was given")
    if "Unable to convert function return value" in text:
        return failure("unrepresentable", "the result is of a type that has no plain form")
    return failure("engine", "the expression cannot be evaluated")


def _key(quoted: str, source: str) -> str:
    key = quoted.strip().strip('"')
    return f"there is no key {key}" if key and key in source else "a key is not there"


def _overload(text: str) -> Answer:
    from gatekeeper.judge.cel.complaints import operator

    function, _, given = text.strip().rpartition("(")
    kinds = given.removesuffix(")").replace("int64", "int").replace("uint64", "uint").replace("null_type", "null")
    return failure("type", f"{operator(function)} cannot take ({kinds})")
