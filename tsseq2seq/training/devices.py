"""Where and in which precision to compute."""

from __future__ import annotations

import torch

from tsseq2seq.errors import ParameterError

__all__ = ["cpu_has_amx", "resolve_device", "resolve_precision"]


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


def resolve_precision(precision: str, device: torch.device) -> torch.dtype:
    """Return the type that training's matrix products use.

    ``"auto"`` means bfloat16 where it is faster: on GPUs that support it, and on CPUs with AMX.
    With AVX-512 but no AMX it was 1.5 to 2 times slower than float32 (benchmarks/processor.py).

    Examples
    --------
    >>> resolve_precision("float32", torch.device("cpu"))
    torch.float32
    """
    if precision == "float32":
        return torch.float32
    if precision == "bf16":
        return torch.bfloat16
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if device.type == "cpu" and cpu_has_amx() else torch.float32


def cpu_has_amx() -> bool:
    """Return whether the processor has matrix tiles (AMX) for bfloat16."""
    if hasattr(torch.cpu, "get_capabilities"):
        return bool(torch.cpu.get_capabilities().get("amx_bf16"))
    probe = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(probe()) if probe is not None else False
