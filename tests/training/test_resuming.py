"""A training that is put down after n steps and taken up for m more is one of n + m steps, bit for bit."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from tsseq2seq import Linear, MinimumRisk, Network, Normal, Point, Quantiles, Tokens, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitting import fit_series
from tsseq2seq.training.checkpoint import NoCheckpoint
from tsseq2seq.training.keeper import Keeper
from tsseq2seq.training.record import Record
from tsseq2seq.training.state import State
from tsseq2seq.training.state_file import read_state, write_state
from tsseq2seq.translation.defaults import resolve_token_settings
from tsseq2seq.translation.fitting import fit_tokens

STEPS = 12


class PutDown(Exception):
    """Ends a training as a kill would."""


class KeptOnDisk:
    """Writes the state after so many steps, counted over all members, and ends the process's training."""

    def __init__(self, path: Path, after: int) -> None:
        self.path = path
        self.left = after

    def due(self, steps: int) -> bool:
        self.left -= 1
        return self.left == 0

    def keep(self, state: State) -> None:
        if self.left > 0:  # the end of a member
            return
        write_state(state, self.path)
        raise PutDown


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": rng.normal(size=length).cumsum()})
        for name, length in (("a", 40), ("b", 25), ("c", 9))
    ]
    df = pd.concat(parts, ignore_index=True)
    df["price"] = np.where(np.arange(len(df)) % 3 == 0, "low", "high")
    return df


class Given(NoCheckpoint):
    """A checkpoint of a keeper and a state."""

    def __init__(self, keeper: Keeper | None, stored: State | None) -> None:
        self.keeper, self.stored = keeper, stored

    def of_data(self, *data: object) -> Given:
        return self

    @contextmanager
    def keeping(self) -> Iterator[Keeper | None]:
        yield self.keeper

    def state(self) -> State | None:
        return self.stored


def series(settings: dict, *, keeper: Keeper | None = None, state: State | None = None):
    output = settings.pop("output", Quantiles([0.1, 0.5, 0.9]))
    network = settings.pop("network", Network(hidden_size=4, dropout=0.2, num_layers=2))
    training = Training(**({"max_steps": STEPS, "batch_size": 4, "progress": False} | settings))
    given = ForecasterSettings(
        horizon=4, segment_length=2, context_length=8, output=output, network=network, training=training
    )
    long = read_long_frame(frame(), Columns("unique_id", "ds", ("y",), future=("price",)))
    fitted, records = fit_series(
        long,
        given,
        freq=None,
        device=torch.device("cpu"),
        seed=3,
        started=time.monotonic(),
        checkpoint=Given(keeper, state),
    )
    return [model.state_dict() for model in fitted.members], records


def tokens(settings: dict, *, keeper: Keeper | None = None, state: State | None = None):
    sources = ["".join("abcdef"[(i * k) % 6] for k in range(1, 3 + i % 5)) for i in range(20)]
    targets = [text[::-1] for text in sources]
    tokenizers = [build_tokenizer("char", texts) for texts in (sources, targets)]
    pairs = encode_pairs(sources, targets, *tokenizers, Truncation())
    risk = settings.pop("risk", None)
    output = settings.pop("output", Tokens())
    training = Training(**({"max_steps": STEPS, "batch_size": 4, "progress": False} | settings))
    network = Network(hidden_size=6, dropout=0.2, num_layers=2, attention="dot", bidirectional=True)
    resolved = resolve_token_settings(
        pairs, tokenizers[1].vocabulary_size, network=network, training=training, output=output
    )
    fitted, records = fit_tokens(
        pairs,
        *tokenizers,
        resolved,
        device=torch.device("cpu"),
        seed=3,
        started=time.monotonic(),
        risk=risk,
        checkpoint=Given(keeper, state),
    )
    return [model.state_dict() for model in fitted.members], records


def assert_same(ours: tuple[list[dict], list[Record]], expected: tuple[list[dict], list[Record]]) -> None:
    (our_weights, our_records), (their_weights, their_records) = ours, expected
    for mine, theirs in zip(our_weights, their_weights, strict=True):
        assert mine.keys() == theirs.keys()
        for name in mine:
            assert torch.equal(mine[name], theirs[name]), name
    for mine, theirs in zip(our_records, their_records, strict=True):
        rows = [pd.DataFrame(record.history).drop(columns="seconds") for record in (mine, theirs)]
        pd.testing.assert_frame_equal(*rows, check_exact=True)
        for name in ("steps", "planned_steps", "stopped", "best_step"):
            assert getattr(mine, name) == getattr(theirs, name)
        states = [record.optimizer_state["state"] for record in (mine, theirs)]
        for weight, moments in states[0].items():
            for name, value in moments.items():
                assert torch.equal(torch.as_tensor(value), torch.as_tensor(states[1][weight][name]))


KINDS = {
    "plain": {},
    "scheduled sampling": {"teacher_forcing": Linear(), "output": Point()},
    "coins": {"teacher_forcing": 0.3, "output": Point()},
    "ema": {"ema": 0.9},
    "checkpoint averages": {"checkpoints": 3, "validation_every": 2},
    "validation": {"validation_size": 4, "validation_every": 3},
    "patience": {"validation_size": 4, "validation_every": 1, "patience": 2, "learning_rate": 0.3},
    "sgd with momentum": {"optimizer": "sgd", "learning_rate": 0.1},
    "members": {"members": 3, "max_steps": 5, "ema": 0.9},
    "a distribution": {"output": Normal()},
    "parallel decoding": {"network": Network(hidden_size=4, decoding="parallel", attention="additive")},
    "sLSTM": {"network": Network(hidden_size=4, cell="slstm")},
}
#: After so many steps: in the warm-up, amid batches drawn ahead, at a validation, between two, before the end.
PLACES = [1, 3, 6, 7, STEPS - 1]


@pytest.mark.parametrize("after", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_series(kind: str, after: int, tmp_path: Path) -> None:
    expected = series(dict(KINDS[kind]))
    try:
        series(dict(KINDS[kind]), keeper=KeptOnDisk(tmp_path / "state", after))
    except PutDown:
        torch.manual_seed(99)  # what another process would have
        torch.rand(7)
        assert_same(series(dict(KINDS[kind]), state=read_state(tmp_path / "state")), expected)
    else:
        assert sum(record.steps for record in expected[1]) <= after, "patience or the end came before"


TOKEN_KINDS = {
    "plain": {},
    "scheduled sampling": {"teacher_forcing": Linear()},
    "members": {"members": 3, "max_steps": 5},
    "validation": {"validation_size": 4, "validation_every": 3},
    "checkpoint averages": {"checkpoints": 3, "validation_every": 2},
    "minimum risk": {"risk": MinimumRisk(share=0.6, candidates=3)},
    "sampled softmax": {"output": Tokens(sampled_above=2, samples=3)},
    "tied": {"output": Tokens(tied=True)},
}


@pytest.mark.parametrize("after", PLACES)
@pytest.mark.parametrize("kind", TOKEN_KINDS)
def test_tokens(kind: str, after: int, tmp_path: Path) -> None:
    expected = tokens(dict(TOKEN_KINDS[kind]))
    with pytest.raises(PutDown):
        tokens(dict(TOKEN_KINDS[kind]), keeper=KeptOnDisk(tmp_path / "state", after))
    torch.manual_seed(99)
    assert_same(tokens(dict(TOKEN_KINDS[kind]), state=read_state(tmp_path / "state")), expected)


def test_put_down_twice(tmp_path: Path) -> None:
    settings, path = {"members": 2, "teacher_forcing": 0.3, "ema": 0.9, "output": Point()}, tmp_path / "state"
    expected = series(dict(settings))
    with pytest.raises(PutDown):
        series(dict(settings), keeper=KeptOnDisk(path, 5))
    with pytest.raises(PutDown):
        series(dict(settings), keeper=KeptOnDisk(path, 10), state=read_state(path))
    assert_same(series(dict(settings), state=read_state(path)), expected)


PROCESS = """
import os, sys, time
from contextlib import contextmanager
import numpy as np, pandas as pd, torch
from tsseq2seq import Linear, Network, Training
from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.forecasting.defaults import ForecasterSettings
from tsseq2seq.forecasting.fitting import fit_series
from tsseq2seq.training.checkpoint import NoCheckpoint
from tsseq2seq.training.state_file import read_state, write_state

path, after, resume = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "resume"

class Killed(NoCheckpoint):
    @contextmanager
    def keeping(self): yield self
    def of_data(self, *data): return self
    def state(self): return read_state(path) if resume else None
    def due(self, steps): return steps == after
    def keep(self, state):
        if state["run"] is None: return
        write_state(state, path)
        os.kill(os.getpid(), 9)

torch.set_num_threads(1)
y = np.random.default_rng(0).normal(size=60).cumsum()
df = pd.DataFrame({"unique_id": "a", "ds": np.arange(60), "y": y})
training = Training(max_steps=10, batch_size=4, teacher_forcing=Linear(), ema=0.9, progress=False)
fitted, _ = fit_series(
    read_long_frame(df, Columns()), ForecasterSettings(4, network=Network(hidden_size=4), training=training), freq=None,
    device=torch.device("cpu"), seed=3, started=time.monotonic(), checkpoint=Killed(),
)
print(sum(int(w.view(torch.int32).long().sum()) for w in fitted.members[0].parameters()))
"""


def test_killed_and_taken_up_in_another_process(tmp_path: Path) -> None:
    def process(after: int, mode: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", PROCESS, str(tmp_path / "state"), str(after), mode]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = process(0, "begin")
    assert whole.returncode == 0, whole.stderr
    assert process(6, "begin").returncode == -9
    resumed = process(0, "resume")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == whole.stdout
