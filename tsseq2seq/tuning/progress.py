"""The progress bar over trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from tsseq2seq.tuning.completed_trials import completed_trials, rank

if TYPE_CHECKING:
    import optuna

__all__ = ["progress_bar", "show_best"]


def progress_bar(trials: int | None, progress: bool | None) -> Any:  # noqa: ANN401
    """Return a bar over trials.

    Parameters
    ----------
    trials
        Number of trials. None: not known.
    progress
        Whether the bar is shown. None: on terminals.
    """
    return tqdm(total=trials, desc="tune", unit="trial", disable=None if progress is None else not progress)


def show_best(bar: Any, study: optuna.Study) -> None:  # noqa: ANN401
    """Show the best value of the first objective so far on a bar."""
    completed = completed_trials(study)
    if completed:
        bar.set_postfix_str(f"best {min(completed, key=rank(study)).values[0]:.5g}")
