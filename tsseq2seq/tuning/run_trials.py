"""Running the trials of a study in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from tsseq2seq.training.loop import interrupts_raised
from tsseq2seq.tuning.objective import SURVIVED, TrialObjective
from tsseq2seq.tuning.progress import progress_bar, show_best

if TYPE_CHECKING:
    import optuna

__all__ = ["run_trials"]


def run_trials(
    study: optuna.Study,
    objective: TrialObjective,
    *,
    trials: int | None,
    timeout: float | None,
    progress: bool | None,
) -> None:
    """Run trials until their number or the time is reached; Ctrl-C is raised.

    Parameters
    ----------
    study
        The study, whose sampler proposes settings and whose storage keeps the results.
    objective
        Runs one trial.
    trials
        Number of trials. None: until ``timeout``.
    timeout
        Seconds after which no trial starts. None: no limit.
    progress
        Whether a bar is shown. None: on terminals.
    """
    # the first optimiser of a process loads torch's compiler, which must not count as time of the first trial
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    with progress_bar(trials, progress) as bar, interrupts_raised():

        def advance(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            bar.update()
            show_best(bar, study)

        study.optimize(objective, n_trials=trials, timeout=timeout, catch=SURVIVED, callbacks=[advance])
