"""Models in folders, and beside them the history of which a part was held out of training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import tsseq2seq
from tsseq2seq.atomic_files import replacing
from tsseq2seq.cli import options
from tsseq2seq.cli.history import HistoryTable, read_history_for
from tsseq2seq.cli.load_here import load_here
from tsseq2seq.cli.times import write_times
from tsseq2seq.errors import ModelFileError

__all__ = ["kept_history", "load_model", "save_model"]

# A table of the command beside the files of the library.
_KEPT = "history.csv"


def load_model(model: Path) -> tsseq2seq.Seq2SeqForecaster:
    """Load a saved forecaster.

    Raises
    ------
    ModelFileError
        If the folder holds no model, or a model that does not forecast.
    """
    fitted = load_here(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqForecaster):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not forecast")
    return fitted


def save_model(
    fitted: tsseq2seq.Seq2SeqForecaster,
    model: Path,
    *,
    history: HistoryTable | None = None,
    again: bool = False,
) -> None:
    """Save a forecaster, and the history to keep with it.

    Parameters
    ----------
    fitted
        The forecaster.
    model
        Its folder.
    history
        A history that goes on after the rows trained on. None: there is none.
    again
        Whether the folder holds this forecaster already: what it keeps beside the networks stays.
    """
    kept = model / _KEPT
    with _put_aside(kept) if not again and kept.exists() else nullcontext():
        fitted.save(model, optimizer_state=again and bool(fitted.optimizer_states_))
    if history is not None:
        time = history.columns.time
        written = history.frame.assign(**{time: write_times(history.frame[time], None)})
        with replacing(kept) as temporary:
            written.to_csv(temporary, index=False)


@contextmanager
def _put_aside(kept: Path) -> Iterator[None]:
    """Hide what another model kept from the new one; it comes back if that cannot be saved."""
    aside = kept.with_name(f".tsseq2seq-{kept.name}")
    kept.replace(aside)
    try:
        yield
    except BaseException:
        aside.replace(kept)
        raise
    aside.unlink()


def kept_history(fitted: tsseq2seq.Seq2SeqForecaster, model: Path) -> HistoryTable | None:
    """Return the history that the folder of a model keeps; None: it was trained on all of it."""
    kept = model / _KEPT
    if not kept.exists():
        return None
    return read_history_for(fitted, kept, options.Reading(sep=",", decimal=".", encoding="utf-8"))
