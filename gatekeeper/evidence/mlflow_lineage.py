"""What an MLflow run was made from: the same answer that `mlflow` reads, as lineage, where this producer is named."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import NotEvaluatedError
from gatekeeper.evidence.mlflow_run import read_run
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts_origin import Lineage

NAME = "mlflow-lineage"
KIND = "lineage"


def claims(report: Opened) -> bool:  # noqa: ARG001
    """Never: the content of a run is that of its metrics, too, and `mlflow` is who claims it."""
    return False


def read(report: Opened) -> Reading:
    """The run, the commit of its tag, the model and data sets of gatekeeper's tags, where they stand there in full.

    Raises NotEvaluatedError for a run that is not FINISHED, was deleted, or says nothing beyond its own id.
    """
    run = read_run(report)
    if run.commit is None and run.model is None and not run.data_digests:
        raise NotEvaluatedError("the run names no commit, no model and no data set in full")
    facts = Lineage(
        run=f"mlflow:{run.id}",
        commit=UNSET if run.commit is None else run.commit,
        model=UNSET if run.model is None else run.model,
        data=run.data_digests,
    )
    return Reading(facts=facts, subjects=run.subjects, produced_at=run.ended_at)
