"""Devices and precision."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.training import devices
from tsseq2seq.training.devices import resolve_device, resolve_precision


def test_auto_is_a_gpu_only_where_there_is_one() -> None:
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["nonsense", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=f"device is '{name}'.*'auto' and 'cpu'"):
        resolve_device(name)


@pytest.mark.parametrize("amx", [False, True])
def test_auto_precision_follows_the_processor(monkeypatch: pytest.MonkeyPatch, amx: bool) -> None:
    monkeypatch.setattr(devices, "cpu_has_amx", lambda: amx)
    expected = torch.bfloat16 if amx else torch.float32
    assert resolve_precision("auto", torch.device("cpu")) == expected


def test_named_precisions() -> None:
    assert resolve_precision("bf16", torch.device("cpu")) == torch.bfloat16
    assert resolve_precision("float32", torch.device("cpu")) == torch.float32
