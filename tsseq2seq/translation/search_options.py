"""The options of ``translate``: they ask for a beam search or for samples, not for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import ParameterError

__all__ = ["parse_search_options"]


def parse_search_options(options: Mapping[str, Any]) -> Beam | Sampling:
    """Return the settings that options by name ask for.

    Parameters
    ----------
    options
        Fields of :class:`~tsseq2seq.decoding.beam.Beam`, or of
        :class:`~tsseq2seq.decoding.sampling.Sampling`. A field of the latter that is None is not given.

    Returns
    -------
    Beam or Sampling
        Samples if any of their fields is given; otherwise a beam search.

    Raises
    ------
    ParameterError
        If an option is unknown, or options of both are given.

    Examples
    --------
    >>> parse_search_options({"top_k": 5, "num_samples": 3})
    Sampling(temperature=1.0, top_k=5, top_p=None, num_samples=3)
    >>> parse_search_options({"beam_size": 3}).n_best
    1
    """
    searching, drawing = list(Beam().get_params()), list(Sampling().get_params())
    known = ["max_length", "seed", *searching, *drawing, "prefix"]
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ParameterError(f"translate has no option {unknown[0]!r}; it has: {', '.join(known)}")
    drawn = {name: value for name, value in options.items() if name in drawing and value is not None}
    searched = {name: value for name, value in options.items() if name in searching}
    if drawn and searched:
        one, other = next(iter(drawn)), next(iter(searched))
        raise ParameterError(
            f"translate: {one} is {drawn[one]!r}, which draws translations at random, and {other} is "
            f"{searched[other]!r}, which searches for the likeliest; leave one of them out"
        )
    return Sampling(**drawn) if drawn else Beam(**searched)
