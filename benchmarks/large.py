"""Reading one scan report of 100 MB beside `json.loads` of the same bytes, each as a whole process.

`python benchmarks/large.py [--megabytes N]`, with the interpreter of the environment to be measured.
"""

from __future__ import annotations

import os
import subprocess
import sys

import measure
from cold import CACHE, HERE, python

PARSE = "import json, sys; json.loads(open(sys.argv[1], 'rb').read())"


def main() -> None:
    """Measure and print the table."""
    megabytes = int(sys.argv[sys.argv.index("--megabytes") + 1]) if "--megabytes" in sys.argv else 100
    path = os.path.join(CACHE, f"scan-{megabytes}.json")
    if not os.path.exists(path):
        script = os.path.join(HERE, "reports.py")
        subprocess.run([python(), script, path, "--scan-megabytes", str(megabytes)], check=True)
    command = os.path.join(os.path.dirname(python()), "gatekeeper")
    programs = {
        "json.loads": [python(), "-c", PARSE, path],
        "gatekeeper": [command, "evidence", "read", path],
    }
    rows = measure.measure(programs, runs=5, warm=1)
    print(measure.table(rows, relative_to="json.loads"))
    size = os.path.getsize(path) / 2**20
    print(f"\nThe file has {size:.0f} MiB.", *(f"{row.name}: {row.peak / size:.2f} times that." for row in rows))


if __name__ == "__main__":
    main()
