"""A trial whose worker dies is continued, not begun anew, by the trial that is run in its place."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tsseq2seq.training import folder_checkpoint
from tsseq2seq.training.folder_checkpoint import FolderCheckpoint

RATES = {"training__learning_rate": [0.001, 0.002, 0.004]}


class Killed(BaseException):
    """Ends the process as a kill would: Optuna does not note it."""


@pytest.fixture
def continued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the steps from which trainings are continued."""
    reached: list[int] = []
    state = FolderCheckpoint.state

    def noted(self: FolderCheckpoint) -> Any:
        stored = state(self)
        if stored is not None:
            reached.append(stored["run"]["reached"])
        return stored

    monkeypatch.setattr(FolderCheckpoint, "state", noted)
    return reached


@pytest.mark.parametrize("kind", ["series", "tokens"])
def test_resumed_inside_a_trial(
    kind: str, make, daily, pairs, translator, search, storages, continued, monkeypatch, tmp_path: Path
) -> None:
    folder = tmp_path / "states"
    settings = {"training__checkpoint": folder, "training__checkpoint_every": 3, "training__max_steps": 8}
    model, data = (make(), (daily,)) if kind == "series" else (translator, pairs)
    model.set_params(**settings)
    options = {
        "space": RATES, "heartbeat": 1.0, "storage": storages.sqlite, "sampler": "random", "refit": False,
    }  # fmt: skip
    search(model, *data, trials=1, **options)
    assert not any(folder.iterdir()), "a finished trial leaves nothing"
    keep = folder_checkpoint._FolderKeeper.keep

    def die(self: Any, state: Any) -> None:
        keep(self, state)
        if state["run"]["reached"] == 6:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(folder_checkpoint._FolderKeeper, "keep", die)
        with pytest.raises(Killed):
            search(model, *data, trials=1, **options)
    assert continued == []
    time.sleep(3.5)  # longer than two heartbeats
    found = search(model, *data, trials=1, **options)
    assert found.trials["state"].tolist() == ["complete", "fail", "complete"]
    assert continued == [6]
    assert not any(folder.iterdir())
    again = found.study.trials[2]
    model.set_params(training__checkpoint=None, training__checkpoint_every=None, **again.params)
    plain = search(model, *data, space=RATES, trials=1, refit=False)
    assert again.values == plain.study.trials[0].values
