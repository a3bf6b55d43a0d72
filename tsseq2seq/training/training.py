"""Training: the settings of optimisation."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import Settings, check_choice, check_number, plain
from tsseq2seq.training.callback import Callback
from tsseq2seq.training.optimizers import OPTIMIZERS, takes_momentum
from tsseq2seq.training.teacher_forcing import Schedule

__all__ = ["Training", "checkpoint_interval"]

# Seconds between two states of a training on disk: what a kill costs at the most.
_CHECKPOINT_SECONDS = 60.0
_UNITS = {"s": 1, "min": 60, "h": 3600}

# Seconds of thirty years: a longer time is no limit, and max_time=None says so.
_LONGEST_TIME = 1e9
_MOMENTUM = 0.9


@dataclass(frozen=True)
class Training(Settings):
    """How a network is trained.

    Parameters
    ----------
    max_steps
        Number of training steps at the most. None: for series 300 to 1,200, more for more training data; from
        20,000 windows on, and for sentences, as many as ``max_time`` allows, if it is given.
    epochs
        Passes over the training data, in place of ``max_steps``: over pairs, labelled sequences or
        pieces of text, each once; of a forecaster or autoencoder as many windows, drawn with replacement, as
        there are. None: no limit of this kind. With ``max_time`` the one that is reached first counts.
    max_time
        Seconds from the call of ``fit`` to its return, at the most. A network that is trained longer on small
        data overfits, so that ``fit`` returns earlier there; more ``members`` make use of the time, and
        ``max_steps`` of a longer training. A few steps, which are undone afterwards, are timed to plan the
        number of steps, and all schedules run on that number. If later steps are slower or faster, the
        schedules follow the clock, so that they end with the time. Where validations are slow, there are
        fewer of them rather than fewer steps. Results of two runs differ a little, because their timings
        differ; runs limited by ``max_steps`` alone are the same bit for bit.
    batch_size
        Windows (or sentences) in a batch. None: chosen from the amount of training data, up to 256.
    learning_rate
        The highest learning rate, reached after the warm-up.
    optimizer
        ``"adam"``, ``"adamw"``, ``"sgd"``, ``"adagrad"``, ``"rmsprop"``, or a class derived from
        ``torch.optim.Optimizer``.
    momentum
        For ``"sgd"``, ``"rmsprop"`` and classes that take it.
    weight_decay
        As the optimiser defines it.
    schedule
        The learning rate after the warm-up: ``"cosine"`` or ``"linear"`` (it falls to 0), or ``"constant"``.
    warmup
        Share of the training steps in which the learning rate rises from 0.
    clip_norm
        Largest norm of the gradients; larger gradients are scaled down to it. None: no limit.
    ema
        Decay of an exponential moving average of the weights, which replaces them in validation and at the
        end; 0.999 averages over about 1,000 training steps. None: no average.
    checkpoints
        Number of checkpoints, the last ones, whose mean replaces the weights in validation and at the end;
        checkpoints are ``validation_every`` steps apart. None: no average.
    members
        Networks trained one after the other from different first weights and windows. The forecast is the
        median of their forecasts, and sample paths come from all in equal shares. A translator searches with
        the mean of their probabilities. ``max_time`` is for all of them.
    teacher_forcing
        Probability that a decoder step is fed the true previous values rather than the decoder's own output:
        a number, a schedule (``Linear``, ``Exponential``, ``InverseSigmoid``) or a function of the training
        step. It is drawn anew for each row and decoder step. None: for points 0 with up to 16 decoder steps,
        and ``Linear()`` with more, where feeding back outputs would be slow; for quantiles 0 and for
        distributions 1, so that their intervals are honest.
    validation_size
        Time steps held out at the end of each series, or pairs of sentences held out, evenly spaced. A number
        between 0 and 1 is a share: of the pairs, or of the rows of the median series, which then is the
        number of steps for all series. 0: nothing is held out, and the last weights are kept.
    validation_every
        Training steps between validations; under ``max_time``, planned steps. None: twenty validations in
        all. Under ``max_time`` more steps lie between them where they would take more than a quarter of it.
    patience
        Validations without improvement after which training stops. None: training never stops early. Either
        way the best weights are kept.
    checkpoint
        A folder in which ``fit`` stores the state of the training, so that one that was killed is continued
        by ``fit(..., resume=folder)``, with the same result, bit for bit on a CPU, as without the kill.
        SIGTERM, which announces that a machine is taken away, stores one before it ends the process. The
        states of a fit that is not finished are never replaced by another fit. None: none is stored.
    checkpoint_every
        How often: an integer counts training steps, text is a time (``"30s"``, ``"10min"``, ``"1h"``).
        None: each minute.
    freeze
        Parts of the network whose weights stay as they are, for fine-tuning after a warm start, or for
        embeddings that were given: ``["encoder"]``, ``["embedding", "decoder.attention"]``. A name that is no
        part is refused with a list of those that there are. None: all are trained.
    precision
        ``"float32"``, ``"bf16"``, or ``"auto"``: bf16 where it is faster, which is on GPUs, and for networks
        at least about 128 wide on CPUs with bf16 products (AMX, AVX-512 BF16). Validation and prediction
        always run in float32.
    device
        ``"auto"`` (a CUDA GPU if there is one, else the CPU) or anything ``torch.device`` takes.
    cuda_graphs
        Whether training steps are recorded as CUDA graphs and launched as a whole, which for small networks
        takes a fraction of the time. None: wherever it is possible, which is for series with Adam or AdamW,
        a loss of single values given by name and windows without padding. Translators cannot, because
        sentences differ in length.
    progress
        Whether to show a progress bar. None: on terminals.
    callbacks
        Who is told of the training while it runs, and may end it: see
        :class:`~tsseq2seq.training.callback.Callback`, and those that ship in :mod:`tsseq2seq.callbacks`.
        The network that is trained only to judge another one tells nobody.

    Examples
    --------
    >>> Training(max_steps=500, optimizer="sgd", learning_rate=0.1).schedule
    'cosine'
    """

    max_steps: int | None = None
    max_time: float | None = None
    epochs: float | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    optimizer: str | type[torch.optim.Optimizer] = "adamw"
    momentum: float = _MOMENTUM
    weight_decay: float = 0.01
    schedule: str = "cosine"
    warmup: float = 0.05
    clip_norm: float | None = 1.0
    ema: float | None = None
    checkpoints: int | None = None
    members: int = 1
    teacher_forcing: float | Schedule | None = None
    validation_size: int | float = 0
    validation_every: int | None = None
    patience: int | None = None
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: int | str | None = None
    freeze: Sequence[str] | None = None
    precision: str = "auto"
    device: str | torch.device = "auto"
    cuda_graphs: bool | None = None
    progress: bool | None = None
    callbacks: Sequence[Callback] = ()

    unsaved: ClassVar[frozenset[str]] = frozenset({"callbacks"})

    def __post_init__(self) -> None:
        """Check every field."""
        check_choice("Training", "schedule", self.schedule, ("cosine", "linear", "constant"))
        check_choice("Training", "precision", self.precision, ("auto", "float32", "bf16"))
        check_choice("Training", "progress", self.progress, (None, False, True))
        check_choice("Training", "cuda_graphs", self.cuda_graphs, (None, False, True))
        for name in ("max_steps", "batch_size", "validation_every", "patience", "checkpoints"):
            check_number("Training", name, getattr(self, name), low=1, integer=True, optional=True)
        check_number("Training", "members", self.members, low=1, high=10_000, integer=True)
        check_number("Training", "epochs", self.epochs, low=0, low_open=True, optional=True)
        self._check_parts_of_data()
        check_number(
            "Training", "max_time", self.max_time, low=0, high=_LONGEST_TIME, low_open=True, optional=True
        )
        check_number("Training", "learning_rate", self.learning_rate, low=0, low_open=True)
        check_number("Training", "momentum", self.momentum, low=0, high=1)
        check_number("Training", "weight_decay", self.weight_decay, low=0)
        check_number("Training", "warmup", self.warmup, low=0, high=1)
        check_number("Training", "clip_norm", self.clip_norm, low=0, low_open=True, optional=True)
        check_number("Training", "ema", self.ema, low=0, high=0.999999, optional=True)
        if not callable(self.teacher_forcing):
            check_number("Training", "teacher_forcing", self.teacher_forcing, low=0, high=1, optional=True)
        if self.patience is not None and self.validation_size == 0:
            raise ParameterError(
                f"Training: patience is {self.patience} but validation_size is 0, so nothing is held "
                "out to validate on; set validation_size, for example to the horizon"
            )
        if self.epochs is not None and self.max_steps is not None:
            raise ParameterError(
                f"Training: epochs is {self.epochs} and max_steps is {self.max_steps}; both say how long to "
                "train, so one of them must be None"
            )
        if self.ema is not None and self.checkpoints is not None:
            raise ParameterError(
                f"Training: ema is {self.ema} and checkpoints is {self.checkpoints}; both average the "
                "weights, so one of them must be None"
            )
        if self.validation_every is not None and self.validation_size == 0 and self.checkpoints is None:
            raise ParameterError(
                f"Training: validation_every is {self.validation_every} but validation_size is 0, so nothing "
                "is held out to validate on, and there are no checkpoints; set validation_size, or leave "
                "validation_every out"
            )
        self._check_optimizer()
        self._check_checkpoint()
        self._check_callbacks()

    def _check_parts_of_data(self) -> None:
        size: object = self.validation_size
        if isinstance(size, float | np.floating):
            if not 0 <= size < 1:
                raise ParameterError(
                    f"Training: validation_size is {size!r}; it must be an integer, at least 0, or a share "
                    "below 1"
                )
        else:
            check_number("Training", "validation_size", size, low=0, integer=True)
        if not isinstance(self.freeze, list | tuple | None):
            raise ParameterTypeError(
                f"Training: freeze is {self.freeze!r}; it must be a list of parts such as ['encoder'], or "
                "None"
            )

    def held_out(self, count: int) -> int:
        """Return how many of ``count`` pairs or time steps ``validation_size`` means.

        Examples
        --------
        >>> Training(validation_size=0.2).held_out(50), Training(validation_size=7).held_out(50)
        (10, 7)
        """
        size = plain(self.validation_size)
        if isinstance(size, int):
            return size
        return max(1, round(size * count)) if size else 0

    def held_out_in_words(self, count: int, unit: str) -> str:
        """Return the value of ``validation_size`` for messages, and how many a share means.

        Examples
        --------
        >>> Training(validation_size=0.2).held_out_in_words(50, "pairs")
        '0.2, which is 10 of 50 pairs'
        >>> Training(validation_size=7).held_out_in_words(50, "pairs")
        '7'
        """
        size = plain(self.validation_size)
        share = "" if isinstance(size, int) else f", which is {self.held_out(count)} of {count} {unit}"
        return f"{size}{share}"

    def held_out_pairs(self, count: int) -> int:
        """Return how many of ``count`` pairs are held out.

        Raises
        ------
        ParameterError
            If none would be left for training.
        """
        held_out = self.held_out(count)
        if held_out and held_out >= count:
            told = self.held_out_in_words(count, "pairs")
            raise ParameterError(
                f"Training: validation_size is {told}, but there are {count} pairs; at least one must be "
                "left for training"
            )
        return held_out

    def steps_of_epochs(self, steps_an_epoch: int) -> Training:
        """Return the settings with ``max_steps`` in place of ``epochs``, if these are given.

        Examples
        --------
        >>> Training(epochs=3).steps_of_epochs(7).max_steps
        21
        """
        if self.epochs is None:
            return self
        # as float, so that 0.1 · 30 is not a step more
        steps = max(1, math.ceil(round(self.epochs * steps_an_epoch, 6)))
        return dataclasses.replace(self, epochs=None, max_steps=steps)

    def _check_checkpoint(self) -> None:
        folder: object = self.checkpoint
        if not isinstance(folder, str | os.PathLike | None) or folder == "":
            raise ParameterTypeError(
                f"Training: checkpoint is {folder!r}; it must be a folder to store states in, or None. The "
                "number of averaged weights is checkpoints"
            )
        if folder is not None and os.path.isfile(folder):
            raise ParameterError(
                f"Training: checkpoint is {str(folder)!r}, which is a file; it must be a folder"
            )
        checkpoint_interval(self.checkpoint_every)
        if self.checkpoint_every is not None and folder is None:
            raise ParameterError(
                f"Training: checkpoint_every is {self.checkpoint_every!r}, but checkpoint is None, so "
                "nothing is stored; name a folder"
            )

    def _check_callbacks(self) -> None:
        told: object = self.callbacks
        if not isinstance(told, list | tuple) or not all(isinstance(each, Callback) for each in told):
            raise ParameterTypeError(
                f"Training: callbacks is {told!r}; it must be a list of instances of "
                "tsseq2seq.callbacks.Callback"
            )

    def _check_optimizer(self) -> None:
        if isinstance(self.optimizer, str):
            check_choice("Training", "optimizer", self.optimizer, tuple(OPTIMIZERS))
        elif not (isinstance(self.optimizer, type) and issubclass(self.optimizer, torch.optim.Optimizer)):
            raise ParameterTypeError(
                f"Training: optimizer is {self.optimizer!r}; it must be one of {', '.join(OPTIMIZERS)} "
                "or a class derived from torch.optim.Optimizer"
            )
        if self.momentum != _MOMENTUM and not takes_momentum(self.optimizer):
            raise ParameterError(
                f"Training: momentum is {self.momentum} but optimizer is {self.optimizer!r}, which takes "
                "none; use optimizer='sgd' or 'rmsprop', or leave momentum out"
            )


def checkpoint_interval(every: object) -> tuple[int | None, float | None]:
    """Return the training steps or the seconds between two stored states; the other one is None.

    Raises
    ------
    ParameterError
        If ``every`` is neither an integer above 0, nor text that is a time, nor None.

    Examples
    --------
    >>> checkpoint_interval(500), checkpoint_interval("10min"), checkpoint_interval(None)
    ((500, None), (None, 600.0), (None, 60.0))
    """
    if every is None:
        return None, _CHECKPOINT_SECONDS
    steps = plain(every)
    if isinstance(steps, int) and not isinstance(steps, bool) and steps > 0:
        return steps, None
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*(s|min|h)\s*", every) if isinstance(every, str) else None
    if found is None or not float(found[1]):
        raise ParameterError(
            f"Training: checkpoint_every is {every!r}; it must be an integer above 0, which counts training "
            "steps, or text that is a time such as '30s', '10min' or '1h'"
        )
    return None, float(found[1]) * _UNITS[found[2]]
