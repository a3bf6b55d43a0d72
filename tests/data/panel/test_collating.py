"""Windows in torch's own loaders against the same windows gathered."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import ConcatDataset, DataLoader, Subset

from tsseq2seq.data.frames.columns import Columns
from tsseq2seq.data.frames.long_frame import read_long_frame
from tsseq2seq.data.grid.frequency import Frequency
from tsseq2seq.data.panel.batch import Batch
from tsseq2seq.data.panel.panel import make_panel
from tsseq2seq.data.panel.window_index import training_windows
from tsseq2seq.data.panel.windows import Windows, WindowShape
from tsseq2seq.nests import named_leaves


@pytest.fixture(params=["whole", "short series and gaps"])
def windows(request: pytest.FixtureRequest) -> Windows:
    lengths = (20, 30) if request.param == "whole" else (20, 5)
    rng = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"unique_id": name, "ds": np.arange(length), "y": rng.normal(size=length)})
        for name, length in zip("ab", lengths, strict=True)
    ]
    df = pd.concat(parts, ignore_index=True)
    if request.param != "whole":
        df.loc[3, "y"] = np.nan
    panel = make_panel(read_long_frame(df, Columns()), Frequency.parse(1))
    return training_windows(panel, WindowShape(6, 3), moments=True)


def assert_same(ours: Batch, expected: Batch) -> None:
    leaves = dict(named_leaves(expected))
    assert dict(named_leaves(ours)).keys() == leaves.keys()
    for name, leaf in named_leaves(ours):
        assert torch.equal(leaf, leaves[name]), name
    assert dataclasses.replace(ours).complete == expected.complete


def test_a_loader_gives_batches_of_as_many_windows(windows: Windows) -> None:
    seen = 0
    for batch in DataLoader(windows, batch_size=8):
        rows = min(8, len(windows) - seen)
        assert_same(batch, windows.gather(torch.arange(seen, seen + rows)))
        seen += rows
    assert seen == len(windows)


def test_a_shuffling_loader_gives_each_window_once(windows: Windows) -> None:
    loader = DataLoader(windows, batch_size=5, shuffle=True, generator=torch.Generator().manual_seed(0))
    targets = torch.cat([batch.target for batch in loader])
    everything = windows.gather(torch.arange(len(windows))).target
    assert sorted(map(tuple, targets.flatten(1).tolist())) == sorted(
        map(tuple, everything.flatten(1).tolist())
    )


def test_loaders_over_parts_and_over_several_give_the_same(windows: Windows) -> None:
    (batch,) = DataLoader(Subset(windows, [4, 1, 2]), batch_size=3)
    assert_same(batch, windows.gather(torch.tensor([4, 1, 2])))
    (batch,) = DataLoader(ConcatDataset([windows]), batch_size=len(windows))
    assert_same(batch, windows.gather(torch.arange(len(windows))))


def test_a_loader_without_batches_gives_windows(windows: Windows) -> None:
    first = next(iter(DataLoader(windows, batch_size=None)))
    assert_same(first, windows[0])
