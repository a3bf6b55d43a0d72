"""The options of search and sampling, as keyword arguments of the library."""

from __future__ import annotations

from typing import Any

from tsseq2seq.cli import translate_options

__all__ = ["search_keywords"]


def search_keywords(
    search: translate_options.BeamSearch,
    sampling: translate_options.Sampling,
    prefix: str | None,
    *,
    n_best: int = 1,
) -> dict[str, Any]:
    """Return the keyword arguments of ``translate`` and ``transcribe``.

    Options of beam search at their defaults are left out where options of sampling are given.
    """
    sampling_options = {name: value for name, value in vars(sampling).items() if value is not None}
    search_options = vars(search) | {"n_best": n_best}
    if sampling_options:
        # options at their defaults were not given; the library refuses search options together with samples
        defaults = vars(translate_options.BeamSearch()) | {"n_best": 1}
        search_options = {name: value for name, value in search_options.items() if value != defaults[name]}
    if search_options.get("length_normalization") == "none":
        search_options["length_normalization"] = None
    return search_options | sampling_options | ({} if prefix is None else {"prefix": prefix})
