"""What promote and plan share: the same judgement and the same derivation, with or without the push."""

from __future__ import annotations

from typing import Any

from gatekeeper.cli import codes
from gatekeeper.cli.delivery import check_output, deliver, output_of, read_clock, typed_of, write_record


def act(options: dict[str, Any], *, dry: bool) -> int:
    """Promote, or plan; the report goes where the options say."""
    from gatekeeper.app.promote import plan, promote
    from gatekeeper.cli.progress import talk
    from gatekeeper.wiring.promoting import means, opened
    from gatekeeper.wiring.request import promoting

    output = output_of(options)
    check_output(output)
    tell, done = talk(quiet=options["quiet"], verbose=options["verbose"])
    try:
        repo, request = promoting(typed_of(options), read_clock(None), tell)
        assert request.environment is not None
        tell("reading the repository")
        with opened(repo, request.environment) as (repository, branch):
            report = (plan if dry else promote)(repository, branch, means(request, tell))
    finally:
        done()
    if options["decision"] is not None:
        write_record(options["decision"], report)
    deliver(report, output)
    return codes.of_report(report)
