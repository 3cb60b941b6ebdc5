"""Checks the data, trains, measures; writes `model.pkl` into one folder, and into another what it found as JSON."""

from __future__ import annotations

import argparse
import json
import pickle
from pathlib import Path

from churn import checks, data, measure, model


def main() -> None:
    """The command `python -m churn.train`."""
    parser = argparse.ArgumentParser(prog="churn.train", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder for model.pkl")
    parser.add_argument("--evidence", type=Path, required=True, help="folder for the reports")
    parser.add_argument("--worse", action="store_true", help="train a linear model that misses most leavers")
    parser.add_argument("--forget", metavar="METRIC", help="leave one metric out, as a changed script might")
    options = parser.parse_args()
    rows = data.load()
    train, held_out = data.split(rows)
    fitted = model.fit(train, worse=options.worse)
    metrics = measure.metrics(fitted, held_out)
    if options.forget:
        del metrics[options.forget]
    for folder in (options.model, options.evidence):
        folder.mkdir(parents=True, exist_ok=True)
    (options.model / "model.pkl").write_bytes(pickle.dumps(fitted))
    write(options.evidence / "data.json", checks.report(rows))
    write(options.evidence / "metrics.json", metrics)
    write(options.evidence / "fairness.json", measure.group_counts(fitted, held_out))
    print(f"trained on {len(train)} rows, measured on {len(held_out)}:", ", ".join(map(shown, metrics.items())))


def write(path: Path, value: object) -> None:
    """JSON that refuses NaN instead of writing it."""
    path.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n")


def shown(item: tuple[str, object]) -> str:
    """One metric, for people."""
    name, value = item
    return f"{name} {value['value'] if isinstance(value, dict) else value:.3f}"


if __name__ == "__main__":
    main()
