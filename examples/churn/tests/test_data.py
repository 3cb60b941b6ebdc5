from __future__ import annotations

import pytest

from churn import data


def test_data_file_that_was_changed_is_not_unpickled(tmp_path):
    changed = tmp_path / "mlc_churn.pkl.compress"
    changed.write_bytes(data.packaged().read_bytes() + b"\0")
    with pytest.raises(ValueError, match="it is not read"):
        data.load(changed)


def test_no_row_is_in_both_parts(rows):
    train, held_out = rows
    assert len(train) + len(held_out) == 5000
    assert not set(train["rownames"]) & set(held_out["rownames"])


def test_both_parts_have_the_same_share_of_leavers(rows):
    train, held_out = (data.answers(part).mean() for part in rows)
    assert train == pytest.approx(held_out, abs=0.001)


def test_the_answer_is_not_among_the_features(rows):
    assert not {"churn", "rownames"} & set(data.features(rows[0]))
