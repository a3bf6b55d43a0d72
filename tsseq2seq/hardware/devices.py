"""Where and in which precision to compute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

from tsseq2seq.errors import ParameterError
from tsseq2seq.hardware.denormals import denormals_flushed
from tsseq2seq.hardware.heap import freed_memory_kept

__all__ = ["cpu_multiplies_bf16", "device_prepared", "resolve_device", "resolve_precision", "wait_for"]

# An LSTM 128 wide has weights of 65,536 numbers. At 32 bf16 steps took 1.3 times as long as those of float32.
_LARGE = 2**15


def resolve_device(device: str | torch.device) -> torch.device:
    """Return the device that ``"auto"`` or a name means.

    Raises
    ------
    ParameterError
        If there is no such device here.

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
        raise ParameterError(
            f"Training: device is {device!r}, which cannot be used here ({reason}); "
            "'auto' and 'cpu' always can"
        ) from error
    return chosen


def resolve_precision(precision: str, device: torch.device, *, largest: int = _LARGE) -> torch.dtype:
    """Return the type that training's matrix products use.

    ``"auto"`` means bfloat16 where it is faster: on GPUs that support it, and on CPUs that multiply it (AMX,
    AVX-512 BF16), unless the network is so narrow that conversions cost more than products save
    (benchmarks/processor.py). With neither it was 1.5 to 2 times slower than float32.

    Parameters
    ----------
    precision
        ``"auto"``, ``"float32"`` or ``"bf16"``.
    device
        Where to compute.
    largest
        How many numbers the network's largest weight has; only ``"auto"`` on a CPU looks at it.

    Examples
    --------
    >>> resolve_precision("float32", torch.device("cpu"))
    torch.float32
    >>> resolve_precision("auto", torch.device("cpu"), largest=1000)
    torch.float32
    """
    if precision == "float32":
        return torch.float32
    if precision == "bf16":
        return torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    fast = device.type == "cpu" and largest >= _LARGE and cpu_multiplies_bf16()
    return torch.bfloat16 if fast else torch.float32


def wait_for(device: torch.device) -> None:
    """Wait until a device has done what it was given, so that the clock is its own too."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@contextmanager
def device_prepared(device: torch.device) -> Iterator[None]:
    """Have a processor flush denormals and keep freed memory inside; other devices are left as they are.

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
    """Return whether the processor multiplies bfloat16 itself: in tiles (AMX) or vectors (AVX-512 BF16)."""
    if hasattr(torch.cpu, "get_capabilities"):
        found = torch.cpu.get_capabilities()
        return bool(found.get("amx_bf16") or found.get("avx512_bf16"))
    probes = (getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("amx_tile", "avx512_bf16"))
    return any(probe is not None and probe() for probe in probes)
