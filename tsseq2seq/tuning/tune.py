"""``tune``: hyperparameter search with Optuna."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsseq2seq.errors import ParameterError, ParameterTypeError, TrainingWarning, require, warn
from tsseq2seq.keywords import checked_arguments
from tsseq2seq.memory import memory_told
from tsseq2seq.settings import check_number
from tsseq2seq.tuning.completed_trials import completed_trials
from tsseq2seq.tuning.problem import Tunable
from tsseq2seq.tuning.quiet_optuna import quiet_optuna
from tsseq2seq.tuning.result import Tuning, result_of
from tsseq2seq.tuning.run_trials import run_trials
from tsseq2seq.tuning.sampler import check_sampler
from tsseq2seq.tuning.study_setup import StudySetup, join_study
from tsseq2seq.tuning.worker import run_workers

if TYPE_CHECKING:
    import optuna

__all__ = ["tune"]


@checked_arguments
@memory_told
def tune(
    estimator: Any,  # noqa: ANN401
    *data: Any,  # noqa: ANN401
    space: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] | None = None,
    trials: int | None = 50,
    timeout: float | None = None,
    metric: str | Sequence[str] | None = None,
    windows: int | None = None,
    step: int | None = None,
    storage: Any = None,  # noqa: ANN401
    study_name: str | None = None,
    sampler: Any = None,  # noqa: ANN401
    pruner: Any = None,  # noqa: ANN401
    jobs: int = 1,
    warm_from: Any = None,  # noqa: ANN401
    refit: bool = True,
    heartbeat: float = 60.0,
    progress: bool | None = None,
) -> Tuning:
    """Search for the settings of an estimator with the best scores on held-out data.

    The first trial is the estimator as given, so that the best trial is never worse by the metric. Each trial
    trains on the rows before the first of some rolling origins and is scored on the forecasts from all of
    them. Test data of a later comparison must not be in ``data``. If a trial diverges, is refused or runs out
    of memory, that is recorded and the search continues.

    Parameters
    ----------
    estimator
        A :class:`~tsseq2seq.Seq2SeqForecaster`, :class:`~tsseq2seq.Seq2SeqTranslator`,
        :class:`~tsseq2seq.Seq2SeqTranscriber`, :class:`~tsseq2seq.Seq2SeqClassifier` or
        :class:`~tsseq2seq.Seq2SeqTagger`; it is not changed.
        Its ``training`` sets how long each trial trains.
    *data
        Arguments of its ``fit``.
    space
        A dict by nested name (``network__hidden_size``) of Optuna distributions, lists of values, or dicts of
        values by label; it is widened to contain the estimator's settings. Or a function of an Optuna trial
        that returns settings by name. None: the default space of the estimator.
    trials
        Number of trials of this call. None: until ``timeout``.
    timeout
        Seconds after which no trial starts. None: no limit.
    metric
        For forecasters ``"mase"`` (the default), ``"mae"``, ``"rmse"``, ``"smape"``, ``"mape"``, ``"rmsse"``,
        ``"crps"``; for translators ``"perplexity"`` (the default), ``"token_accuracy"``,
        ``"character_perplexity"``, ``"exact_match"``, ``"cer"``, ``"chrf"``, ``"bleu"``, ``"rouge1"``,
        ``"rouge2"``, ``"rougeL"``. The first two cannot be compared between tokenisers; where the space has
        a setting of theirs, the default is
        ``"character_perplexity"``: per character of the targets as given, those that cannot be written
        charged. For classifiers ``"log_loss"`` (the default), ``"accuracy"``, ``"macro_f1"``; for taggers
        ``"token_accuracy"`` (the default), ``"sentence_accuracy"``, ``"macro_f1"``. Or a list of several,
        which may contain ``"seconds"`` (of training) and ``"size"`` (number of weights). With several, no
        trial is pruned, the result has a Pareto front, and the first one decides which trial is best.
    windows, step
        Number of rolling origins of each series, and time steps between them. None: three (fewer for short
        series), one horizon apart. For others ``windows`` is the number of held-out pairs or sequences.
        None: a tenth, at most 1,000.
    storage
        Where the study is kept: ``"sqlite:///study.db"``, ``"postgresql+psycopg://user@host/db"`` (the extra
        ``postgres`` has the driver), ``"journal:///study.log"``, or an Optuna storage. Calls with the same
        storage and name work on the same study, at the same time or later. A search with another space needs
        a new study; see ``warm_from``. None: in memory.
    study_name
        Name in the storage. None: the estimator's class.
    sampler
        ``"tpe"``, ``"random"`` or an Optuna sampler. None: TPE (Bergstra et al. 2011).
    pruner
        ``"median"``, ``"hyperband"`` (Li et al. 2018), ``"none"`` or an Optuna pruner, called ten times in a
        trial. None: the median pruner.
    jobs
        Number of worker processes on this machine.
    warm_from
        An earlier study, or the result of an earlier call: its five best settings are tried first.
    refit
        Whether the best estimator is fitted on all data.
    heartbeat
        Seconds between the signals of a worker in a database. Without a signal for twice as long, it counts
        as dead and its trial is run again.
    progress
        Whether a bar is shown. None: on terminals.

    Returns
    -------
    Tuning
        With the attributes ``study``, ``trials`` and ``best_estimator``.

    Raises
    ------
    TsSeq2SeqError
        Before training: for an unknown name or metric, an impossible value, a storage that cannot be reached,
        or a study of other data or settings. After it: if no trial was completed.

    Warns
    -----
    TrainingWarning
        If Ctrl-C ended the search and there is no storage: the result is that of the trials that had ended,
        without a refit. With a storage, or before the end of a trial, ``KeyboardInterrupt`` is raised.

    Examples
    --------
    >>> from tsseq2seq import Seq2SeqForecaster, Training, datasets, tune
    >>> model = Seq2SeqForecaster(12, training=Training(max_steps=5))
    >>> result = tune(
    ...     model, datasets.load("air_passengers"), space={"network__hidden_size": [8, 16]}, trials=2
    ... )
    >>> result.trials[["number", "as_given"]].to_dict("list")
    {'number': [0, 1], 'as_given': [True, False]}
    """
    _import_optuna()
    _check(estimator, trials, timeout, windows, step, jobs, heartbeat)
    _check_shareable(storage, jobs)
    check_sampler(sampler)
    with quiet_optuna(), tempfile.TemporaryDirectory() as folder:
        # several processes need a storage in a file
        shared = f"sqlite:///{Path(folder) / 'study.db'}" if storage is None and jobs > 1 else storage
        setup = StudySetup(
            estimator=estimator,
            data=data,
            space=space,
            metric=metric,
            windows=windows,
            step=step,
            storage=shared,
            study_name=type(estimator).__name__ if study_name is None else study_name,
            sampler=sampler,
            pruner=pruner,
            heartbeat=heartbeat,
        )
        study, objective = join_study(setup, warm_from=warm_from)
        limits: dict[str, Any] = {"trials": trials, "timeout": timeout, "progress": progress}
        try:
            if jobs == 1:
                run_trials(study, objective, **limits)
            else:
                run_workers(study, setup, jobs=jobs, **limits)
        except KeyboardInterrupt:
            refit = _is_worth_refitting(study, stored=storage is not None)
        if jobs > 1 and storage is None:
            study = _in_memory(study)
        result = result_of(study, estimator, objective.space, objective.objectives)
        if refit:
            result.best_estimator.fit(*data)
        return result


def _is_worth_refitting(study: optuna.Study, *, stored: bool) -> bool:
    """Return False and warn if an interrupted search found something that would be lost; else interrupt."""
    found = len(completed_trials(study))
    if stored or not found:
        raise
    warn(
        f"tune was interrupted; the result is that of the {found} trials that had ended, and best_estimator "
        "is not fitted: call its fit",
        TrainingWarning,
    )
    return False


def _import_optuna() -> None:
    with warnings.catch_warnings():
        # in a notebook without widgets its progress bars are plain text
        warnings.filterwarnings("ignore", message="IProgress not found")
        require("optuna", extra="search", purpose="tune")


def _check(
    estimator: Any,  # noqa: ANN401
    trials: int | None,
    timeout: float | None,
    windows: int | None,
    step: int | None,
    jobs: int,
    heartbeat: float,
) -> None:
    if not isinstance(estimator, Tunable):
        raise ParameterTypeError(
            f"tune: estimator is {estimator!r}; it must be a Seq2SeqForecaster, Seq2SeqTranslator, "
            "Seq2SeqTranscriber, Seq2SeqClassifier or Seq2SeqTagger, or have fit, get_params, set_params, "
            "seed and tuning_problem"
        )
    check_number("tune", "trials", trials, low=1, integer=True, optional=True)
    check_number("tune", "timeout", timeout, low=0, low_open=True, optional=True)
    check_number("tune", "windows", windows, low=1, integer=True, optional=True)
    check_number("tune", "step", step, low=1, integer=True, optional=True)
    check_number("tune", "jobs", jobs, low=1, integer=True)
    check_number("tune", "heartbeat", heartbeat, low=1)
    if trials is None and timeout is None:
        raise ParameterError("tune: trials and timeout are both None; one of them must end the search")


def _check_shareable(storage: object, jobs: int) -> None:
    if jobs > 1 and storage is not None and not isinstance(storage, str):
        raise ParameterTypeError(
            f"tune: storage is {storage!r} and jobs is {jobs}; other processes need a URL to reach it"
        )


def _in_memory(study: optuna.Study) -> optuna.Study:
    """Return a copy in memory of a study whose file will be removed."""
    import optuna

    memory = optuna.storages.InMemoryStorage()
    optuna.copy_study(from_study_name=study.study_name, from_storage=study._storage, to_storage=memory)
    return optuna.load_study(study_name=study.study_name, storage=memory)
