"""The command: `gatekeeper`, or `python -m gatekeeper`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line and leave with its exit code."""
    # One command is one short process: looking for cycles while it loads its modules costs a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    from gatekeeper.cli.main import run

    try:
        run()
    finally:
        # Nor does the interpreter have to look for them once more at its end: an eighth of the time of a judgement.
        gc.freeze()


if __name__ == "__main__":
    main()
