"""One model for all tests: training takes a second."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from churn import data, model


@pytest.fixture(scope="session")
def rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    return data.split(data.load())


@pytest.fixture(scope="session")
def fitted(rows: tuple[pd.DataFrame, pd.DataFrame]) -> Pipeline:
    return model.fit(rows[0])
