"""The gate that every team writes first. Do not use it: docs/from-script-to-policy.md shows what it lets through."""

from __future__ import annotations

import json
import sys

THRESHOLDS = {
    "accuracy": 0.85,
    "f1": 0.80,
    "fairness_gap": -0.10,
}


def main() -> int:
    with open(sys.argv[1]) as file:
        metrics = json.load(file)
    for name, threshold in THRESHOLDS.items():
        value = metrics.get(name, 0)
        if value < threshold:
            print(f"FAIL: {name} is {value}, needs {threshold}")
            return 1
    print("PASS: deploying")
    return 0


if __name__ == "__main__":
    sys.exit(main())
