"""The model: gradient boosting, or on request a worse one that looks fine by accuracy alone."""

from __future__ import annotations

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from churn.data import CATEGORIES, SEED, answers, features


def fit(train: pd.DataFrame, *, worse: bool = False) -> Pipeline:
    """A fitted pipeline that takes the columns of `features`."""
    inputs = features(train)
    numbers = [name for name in inputs if name not in CATEGORIES]
    prepare = make_column_transformer((OneHotEncoder(drop="if_binary"), CATEGORIES), (StandardScaler(), numbers))
    learner = LogisticRegression(max_iter=1000) if worse else HistGradientBoostingClassifier(random_state=SEED)
    return make_pipeline(prepare, learner).fit(inputs, answers(train))
