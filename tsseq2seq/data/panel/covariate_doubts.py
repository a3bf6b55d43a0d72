"""What is doubtful about covariates before anything is learned from them."""

from __future__ import annotations

from tsseq2seq.data.panel.features import Coders

__all__ = ["covariate_doubts"]

# Fewer categories than this are no sign that numbers were written as text.
_LEAST_CATEGORIES = 10


def covariate_doubts(coders: Coders, rows: int) -> list[str]:
    """Return sentences about covariates from which nothing can be learned.

    These are covariates that never varied, and text that differs in most rows: prices and dates written
    as text become a category each.

    Parameters
    ----------
    coders
        As they were learned from the rows of training.
    rows
        Number of these rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from tsseq2seq.data.panel.features import FeatureCoder
    >>> coder = FeatureCoder.fit(pd.DataFrame({"promo": [0.0, 0.0]}), ["promo"])
    >>> covariate_doubts(Coders(future=coder), 2)
    ["covariates ['promo'] never varied in training: they have no effect, whatever they are later"]
    """
    doubts = []
    given = [coder for coder in (coders.past, coders.future, coders.static) if coder is not None]
    unvaried = [name for coder in given for name in coder.unvaried]
    if unvaried:
        doubts.append(
            f"covariates {unvaried} never varied in training: they have no effect, whatever they are later"
        )
    if coders.still:
        doubts.append(
            f"features {list(coders.still)} of the calendar never varied in training: they have no effect"
        )
    # the rows of static ones are series, which may well have a name each
    for coder in (coder for coder in (coders.past, coders.future) if coder is not None):
        for name, categories in zip(coder.categorical, coder.categories, strict=True):
            if len(categories) >= max(_LEAST_CATEGORIES, rows / 2):
                doubts.append(
                    f"covariate {name!r} is text with {len(categories):,} values in {rows:,} rows, such as "
                    f"{categories[0][:40]!r}: each is a category of its own, and little is learned of it. "
                    "If they are numbers or dates, give them as plain numbers"
                )
    return doubts
