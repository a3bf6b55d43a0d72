"""The options of ``translate``, as settings of beam search or of sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsseq2seq.decoding.beam import Beam
from tsseq2seq.decoding.sampling import Sampling
from tsseq2seq.errors import ParameterError
from tsseq2seq.keywords import did_you_mean

__all__ = ["parse_search_options"]


def parse_search_options(options: Mapping[str, Any], *, owner: str = "translate") -> Beam | Sampling:
    """Return the settings of beam search or of sampling with these options.

    Parameters
    ----------
    options
        Fields of :class:`~tsseq2seq.decoding.beam.Beam`, or of
        :class:`~tsseq2seq.decoding.sampling.Sampling`. Options of sampling that are None are ignored.
    owner
        The function that has them, for messages.

    Returns
    -------
    Beam or Sampling
        ``Sampling`` if any of its fields is given, otherwise ``Beam``.

    Raises
    ------
    ParameterError
        If an option is unknown, or fields of both are given.

    Examples
    --------
    >>> parse_search_options({"top_k": 5, "num_samples": 3})
    Sampling(top_k=5, num_samples=3)
    >>> parse_search_options({"beam_size": 3}).n_best
    1
    """
    beam_fields, sampling_fields = list(Beam().get_params()), list(Sampling().get_params())
    allowed = ["max_length", "seed", *beam_fields, *sampling_fields, "prefix", "unknown"]
    unknown = [name for name in options if name not in allowed]
    if unknown:
        meant = did_you_mean(unknown[0], dict.fromkeys(allowed))
        raise ParameterError(
            f"{owner} has no option {unknown[0]!r}{meant and f' ({meant})'}; it has: {', '.join(allowed)}"
        )
    sampling = {
        name: value for name, value in options.items() if name in sampling_fields and value is not None
    }
    beam = {name: value for name, value in options.items() if name in beam_fields}
    if sampling and beam:
        of_sampling, of_beam = next(iter(sampling)), next(iter(beam))
        raise ParameterError(
            f"{owner}: {of_sampling} is {sampling[of_sampling]!r}, an option of sampling, and {of_beam} is "
            f"{beam[of_beam]!r}, an option of beam search; leave one of them out"
        )
    return Sampling(**sampling) if sampling else Beam(**beam)
