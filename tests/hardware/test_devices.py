"""Devices and precision."""

from __future__ import annotations

import pytest
import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.hardware import devices
from tsseq2seq.hardware.devices import resolve_device, resolve_precision


def test_auto_is_a_gpu_only_where_there_is_one() -> None:
    assert resolve_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["nonsense", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=f"device is '{name}'.*'auto' and 'cpu'"):
        resolve_device(name)


@pytest.mark.parametrize("fast", [False, True])
def test_auto_precision_follows_the_processor(monkeypatch: pytest.MonkeyPatch, fast: bool) -> None:
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: fast)
    expected = torch.bfloat16 if fast else torch.float32
    assert resolve_precision("auto", torch.device("cpu")) == expected
    assert resolve_precision("auto", torch.device("cpu"), largest_weight=4 * 128 * 128) == expected


def test_auto_precision_of_a_narrow_network_is_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "cpu_multiplies_bf16", lambda: True)
    assert resolve_precision("auto", torch.device("cpu"), largest_weight=4 * 32 * 32) == torch.float32
    assert resolve_precision("bf16", torch.device("cpu"), largest_weight=4 * 32 * 32) == torch.bfloat16


@pytest.mark.parametrize(
    ("found", "fast"),
    [({}, False), ({"avx512_f": True}, False), ({"amx_bf16": True}, True), ({"avx512_bf16": True}, True)],
)
def test_what_multiplies_bf16(monkeypatch: pytest.MonkeyPatch, found: dict[str, bool], fast: bool) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)
    devices.cpu_multiplies_bf16.cache_clear()
    try:
        assert devices.cpu_multiplies_bf16() is fast
    finally:
        devices.cpu_multiplies_bf16.cache_clear()


def test_named_precisions() -> None:
    assert resolve_precision("bf16", torch.device("cpu")) == torch.bfloat16
    assert resolve_precision("float32", torch.device("cpu")) == torch.float32
