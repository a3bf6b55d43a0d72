"""Devices and precisions: which device to compute on, and in which data type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

from tsseq2seq.errors import DeviceError
from tsseq2seq.hardware.denormals import denormals_flushed
from tsseq2seq.hardware.heap import freed_memory_kept

__all__ = ["cpu_multiplies_bf16", "device_prepared", "resolve_device", "resolve_precision", "wait_for"]

# An LSTM of width 128 has a weight of 65,536 numbers. At width 32 a training step took 1.3 times as long in
# bf16 as in float32.
_LARGE = 2**15


def resolve_device(device: str | torch.device) -> torch.device:
    """Return the device of a name; ``"auto"`` is a CUDA GPU if there is one, else the CPU.

    Raises
    ------
    DeviceError
        If this machine has no such device.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise DeviceError(
            f"Training: device is {device!r}, which cannot be used here ({reason}); "
            "'auto' and 'cpu' always can"
        ) from error
    return chosen


def resolve_precision(precision: str, device: torch.device, *, largest_weight: int = _LARGE) -> torch.dtype:
    """Return the data type of the matrix products in training.

    ``"auto"`` is bfloat16 where that is faster: on GPUs that support it, and on CPUs with instructions for it
    (AMX, AVX-512 BF16), unless the network is so narrow that conversions take longer than the products save
    (benchmarks/processor.py). On a CPU without them bfloat16 was 1.5 to 2 times slower than float32.

    Parameters
    ----------
    precision
        ``"auto"``, ``"float32"`` or ``"bf16"``.
    device
        The device to compute on.
    largest_weight
        Numbers in the network's largest weight; used only for ``"auto"`` on a CPU. Default: large enough
        for bfloat16.

    Examples
    --------
    >>> resolve_precision("float32", torch.device("cpu"))
    torch.float32
    >>> resolve_precision("auto", torch.device("cpu"), largest_weight=1000)
    torch.float32
    """
    if precision == "float32":
        return torch.float32
    if precision == "bf16":
        return torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    fast = device.type == "cpu" and largest_weight >= _LARGE and cpu_multiplies_bf16()
    return torch.bfloat16 if fast else torch.float32


def wait_for(device: torch.device) -> None:
    """Wait until a device has finished all queued work, so that times can be measured."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@contextmanager
def device_prepared(device: torch.device) -> Iterator[None]:
    """On a CPU, flush denormals and keep freed memory inside the block; on other devices do nothing.

    Examples
    --------
    >>> with device_prepared(torch.device("cpu")):
    ...     float(torch.tensor([1e-39]) * 1)
    0.0
    """
    if device.type != "cpu":
        yield
        return
    with denormals_flushed(), freed_memory_kept():
        yield


@cache
def cpu_multiplies_bf16() -> bool:
    """Return whether the CPU has instructions for bfloat16 products: AMX tiles or AVX-512 BF16 vectors."""
    if hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
    probes = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("amx_tile", "avx512_bf16"))
    return any(probe is not None and probe() for probe in probes)
