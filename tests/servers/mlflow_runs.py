"""Write runs and a registered model with MLflow itself, and print their ids as JSON: `mlflow_runs.py TRACKING_URI`.

Run by the interpreter that has mlflow, not by that of the tests.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag  # noqa: E402

COMMIT = "9f2c6ab5a1d84e0f9d3b7c6e5a4f3b2c1d0e9f8a"
MODEL = "sha256:" + "1a" * 32
TRAIN = "sha256:" + "2b" * 32
T0 = 1_790_000_000_000


def main(uri: str) -> None:
    """Fill the store and print the ids of its runs, by what is special about each."""
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    churn = client.create_experiment("churn")
    other = client.create_experiment("others, a = b")
    ids = {
        "good": good(client, churn),
        "running": client.create_run(churn, start_time=T0, tags={"git": "a"}).info.run_id,
        "failed": ended(client, churn, "FAILED"),
        "killed": ended(client, churn, "KILLED"),
        "deleted": deleted(client, churn),
        "twin-1": ended(client, other, "FINISHED", {"twin": "yes"}, {"accuracy": 0.9}),
        "twin-2": ended(client, other, "FINISHED", {"twin": "yes"}, {"accuracy": 0.8}),
        "empty": ended(client, other, "FINISHED", {"empty": "yes"}),
        "nan": ended(client, other, "FINISHED", {}, {"accuracy": 0.9, "loss": float("nan")}),
        "infinite": ended(client, other, "FINISHED", {}, {"accuracy": float("inf")}),
        "tied": tied(client, other),
    }
    register(client, ids["good"])
    print(json.dumps(ids))


def good(client: MlflowClient, experiment: str) -> str:
    """A run with all that is read of one."""
    run = client.create_run(experiment, start_time=T0, run_name="the good one").info.run_id
    metrics = [Metric("accuracy", value, T0 + step, step) for step, value in enumerate((0.5, 0.95, 0.91))]
    client.log_batch(
        run,
        metrics=[*metrics, Metric("val/f1", 0.875, T0, 0), Metric("neg", -0.25, T0, 0)],
        params=[Param("model", "hist-gb"), Param("lr", "0.1")],
        tags=[
            RunTag("mlflow.source.git.commit", COMMIT),
            RunTag("gatekeeper.model.digest", MODEL),
            RunTag("gatekeeper.dataset.train", TRAIN),
            RunTag("team", "größe"),
        ],
    )
    dataset = Dataset(name="train", digest="0a1b2c3d", source_type="local", source="{}", schema="{}", profile="{}")
    client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    client.set_terminated(run, "FINISHED", T0 + 60_000)
    return run


def ended(
    client: MlflowClient,
    experiment: str,
    status: str,
    tags: dict[str, str] | None = None,
    metrics: dict[str, float] | None = None,
) -> str:
    """A run that came to an end."""
    run = client.create_run(experiment, start_time=T0, tags=tags or {}).info.run_id
    client.log_batch(run, metrics=[Metric(key, value, T0, 0) for key, value in (metrics or {}).items()])
    client.set_terminated(run, status, T0 + 1000)
    return run


def deleted(client: MlflowClient, experiment: str) -> str:
    """A run that was good, and deleted."""
    run = ended(client, experiment, "FINISHED", {"gone": "yes"}, {"accuracy": 0.99})
    client.delete_run(run)
    return run


def tied(client: MlflowClient, experiment: str) -> str:
    """Two values at one step and one moment: MLflow shows the larger."""
    run = client.create_run(experiment, start_time=T0).info.run_id
    for value in (0.7, 0.99):
        client.log_batch(run, metrics=[Metric("accuracy", value, T0, 0)])
    client.set_terminated(run, "FINISHED", T0 + 1000)
    return run


def register(client: MlflowClient, run: str) -> None:
    """Two versions of a model, the second with an alias and tags."""
    client.create_registered_model("churn")
    for _ in range(2):
        client.create_model_version("churn", source=f"runs:/{run}/model", run_id=run)
    client.set_registered_model_alias("churn", "champion", "2")
    client.set_model_version_tag("churn", "2", "gatekeeper.model.digest", MODEL)
    client.set_model_version_tag("churn", "2", "approved", "yes")


if __name__ == "__main__":
    main(sys.argv[1])
