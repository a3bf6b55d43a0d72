"""Running the trials of a study in this process, with a progress bar."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from tqdm import tqdm

from tsseq2seq.training.loop import interrupts_raised
from tsseq2seq.tuning.objective import SURVIVED, TrialObjective

if TYPE_CHECKING:
    import optuna

__all__ = ["progress_bar", "quiet_optuna", "run_trials", "show_best"]


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Have Optuna say nothing of each trial, and nothing of what is new in it."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


def run_trials(
    study: optuna.Study,
    objective: TrialObjective,
    *,
    trials: int | None,
    timeout: float | None,
    progress: bool | None,
) -> None:
    """Run so many trials, or until the time is over; Ctrl-C is raised."""
    # a process' first optimiser loads torch's compiler: not at the cost of the first trial
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    with progress_bar(trials, progress) as bar, interrupts_raised():

        def tell(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            bar.update()
            show_best(bar, study)

        study.optimize(objective, n_trials=trials, timeout=timeout, catch=SURVIVED, callbacks=[tell])


def progress_bar(trials: int | None, progress: bool | None) -> Any:  # noqa: ANN401
    """Return a bar over trials; None: on terminals."""
    return tqdm(total=trials, desc="tune", unit="trial", disable=None if progress is None else not progress)


def show_best(bar: Any, study: optuna.Study) -> None:  # noqa: ANN401
    """Show the best value so far."""
    import optuna

    done = study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE])
    if done:
        best = max if study.directions[0].name == "MAXIMIZE" else min
        bar.set_postfix_str(f"best {best(trial.values[0] for trial in done):.5g}")
