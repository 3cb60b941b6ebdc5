"""What is measured on rows that the model has not seen."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.pipeline import Pipeline

from churn.data import answers, features

THRESHOLD = 0.5
GROUPED_BY = "area_code"
"""The data has no protected attribute. The area code stands in for one, to show how group counts are judged."""


def metrics(model: Pipeline, held_out: pd.DataFrame) -> dict[str, Any]:
    """Metrics by name, with the sample size where one makes sense: the form that gatekeeper's `json` producer reads."""
    truth, scores = answers(held_out), model.predict_proba(features(held_out))[:, 1]
    predicted = (scores >= THRESHOLD).astype(int)
    estimates = {
        "accuracy": accuracy_score(truth, predicted),
        "f1": f1_score(truth, predicted),
        "roc_auc": roc_auc_score(truth, scores),
        "positive_rate": predicted.mean(),
    }
    sized = {name: {"value": round(float(value), 6), "n": len(held_out)} for name, value in estimates.items()}
    return {**sized, "inference_100_rows_ms": round(milliseconds_for_100_rows(model, held_out), 3)}


def milliseconds_for_100_rows(model: Pipeline, held_out: pd.DataFrame, repeats: int = 15) -> float:
    """The median time of predicting 100 rows."""
    batch = features(held_out).head(100)
    took = []
    for _ in range(repeats):
        start = time.perf_counter()
        model.predict_proba(batch)
        took.append(1000 * (time.perf_counter() - start))
    return median(took)


def group_counts(model: Pipeline, held_out: pd.DataFrame) -> dict[str, Any]:
    """Counts by group: the form that gatekeeper's `fairness` producer reads."""
    predicted = model.predict_proba(features(held_out))[:, 1] >= THRESHOLD
    frame = pd.DataFrame({"group": held_out[GROUPED_BY], "truth": answers(held_out) == 1, "predicted": predicted})
    groups = {str(name): _counts(rows) for name, rows in frame.groupby("group")}
    return {"attribute": GROUPED_BY, "n": len(frame), "groups": groups}


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "n": len(rows),
        "selected": int(rows["predicted"].sum()),
        "positives": int(rows["truth"].sum()),
        "true_positives": int((rows["predicted"] & rows["truth"]).sum()),
        "false_positives": int((rows["predicted"] & ~rows["truth"]).sum()),
    }
