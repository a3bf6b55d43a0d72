"""Training: the settings of optimisation, declared here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from tsseq2seq.errors import ParameterError, ParameterTypeError
from tsseq2seq.settings import Settings, check_choice, check_number
from tsseq2seq.training.optimizers import OPTIMIZERS
from tsseq2seq.training.teacher_forcing import Schedule

__all__ = ["Training"]


@dataclass(frozen=True)
class Training(Settings):
    """How a network is trained.

    Parameters
    ----------
    max_steps
        Number of gradient steps at the most. None: for series 300 to 1,200, growing with the amount of
        training data; from 20,000 windows on, and for sentences, as many as ``max_time`` allows, if it is
        given.
    max_time
        Seconds from the call of ``fit`` to its return, at the most: of small data a network that is trained
        longer learns the noise by heart, so that ``fit`` returns earlier (more ``members`` make use of the
        time, and ``max_steps`` of a longer training). A few throw-away steps tell how many will fit,
        and all schedules run on that number; where later ones are slower or faster, the schedules follow
        the time, so that they are over when it is. Where validations are slow, there are fewer of them
        rather than fewer steps. Two runs differ a little, since two clocks do;
        ``max_steps`` alone repeats to the bit.
    batch_size
        Windows (or sentences) a step. None chooses from the amount of training data, up to 256.
    learning_rate
        The highest one, reached after the warm-up.
    optimizer
        ``"adam"``, ``"adamw"``, ``"sgd"``, ``"adagrad"``, ``"rmsprop"``, or a class derived from
        ``torch.optim.Optimizer``.
    momentum
        For ``"sgd"`` and ``"rmsprop"``.
    weight_decay
        As the optimiser defines it.
    schedule
        What the learning rate does after the warm-up: falls to 0 along a ``"cosine"`` or a
        ``"linear"``, or stays ``"constant"``.
    warmup
        Share of the steps in which the learning rate rises from 0.
    clip_norm
        Gradients are scaled down to this norm. None: never.
    ema
        Decay of an exponential moving average of the weights, which then replaces them at
        validation and at the end; 0.999 averages over about 1,000 steps. None: no average.
    checkpoints
        At validation and at the end the weights are replaced by the mean of those at so many checkpoints,
        the last ones; checkpoints are ``validation_every`` steps apart. None: no average.
    members
        Networks trained one after the other from different first weights and windows; the median of
        their forecasts is the forecast, and sample paths come from each in turn. A translator searches by
        the mean of their probabilities. ``max_time`` is for all of them together.
    teacher_forcing
        Probability of feeding the truth rather than the model's own output: a number, a schedule
        (``Linear``, ``Exponential``, ``InverseSigmoid``) or a function of the step. One coin is
        thrown for each element. None: for numbers, 0 with decoders of up to 16 steps and, where
        feeding back would be slow, ``Linear()``; for quantiles 0 and for distributions 1, so that
        their intervals are honest.
    validation_size
        Steps held out at the end of each series, or pairs of sentences, evenly chosen. 0: nothing is held
        out, and the last weights count.
    validation_every
        Gradient steps between validations; under ``max_time``, of those that were planned. None: twenty
        validations in all. Under ``max_time`` more lie between them where they would take more than a quarter
        of the time.
    patience
        Validations without improvement after which training stops. None: never early. The best
        weights are restored either way.
    precision
        ``"float32"``, ``"bf16"``, or ``"auto"``: bf16 where it is faster (GPUs; networks from about 128 on
        on CPUs that multiply it: AMX, AVX-512 BF16).
        Validation and prediction always run in float32.
    device
        ``"auto"`` (a CUDA GPU if there is one, else the CPU) or anything ``torch.device`` takes.
    cuda_graphs
        Whether training steps are recorded as CUDA graphs and launched as a whole, which on a GPU takes a
        fraction of the time where the network is small. None: wherever it can be done: series, Adam or AdamW,
        a loss known by name, windows that are not padded. Sentences differ in length, so that
        translators train kernel by kernel.
    progress
        Whether a progress bar is shown. None: on terminals.

    Examples
    --------
    >>> Training(max_steps=500, optimizer="sgd", learning_rate=0.1).schedule
    'cosine'
    """

    max_steps: int | None = None
    max_time: float | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    optimizer: str | type[torch.optim.Optimizer] = "adamw"
    momentum: float = 0.9
    weight_decay: float = 0.01
    schedule: str = "cosine"
    warmup: float = 0.05
    clip_norm: float | None = 1.0
    ema: float | None = None
    checkpoints: int | None = None
    members: int = 1
    teacher_forcing: float | Schedule | None = None
    validation_size: int = 0
    validation_every: int | None = None
    patience: int | None = None
    precision: str = "auto"
    device: str | torch.device = "auto"
    cuda_graphs: bool | None = None
    progress: bool | None = None

    def __post_init__(self) -> None:
        """Check every field where it is declared."""
        check_choice("Training", "schedule", self.schedule, ("cosine", "linear", "constant"))
        check_choice("Training", "precision", self.precision, ("auto", "float32", "bf16"))
        check_choice("Training", "progress", self.progress, (None, False, True))
        check_choice("Training", "cuda_graphs", self.cuda_graphs, (None, False, True))
        for name in ("max_steps", "batch_size", "validation_every", "patience", "checkpoints"):
            check_number("Training", name, getattr(self, name), low=1, integer=True, optional=True)
        check_number("Training", "members", self.members, low=1, integer=True)
        check_number("Training", "validation_size", self.validation_size, low=0, integer=True)
        check_number("Training", "max_time", self.max_time, low=0, low_open=True, optional=True)
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
                "out to stop by; set validation_size, for example to the horizon"
            )
        if self.ema is not None and self.checkpoints is not None:
            raise ParameterError(
                f"Training: ema is {self.ema} and checkpoints is {self.checkpoints}; both average the "
                "weights, so one of them must be None"
            )
        self._check_optimizer()

    def _check_optimizer(self) -> None:
        if isinstance(self.optimizer, str):
            check_choice("Training", "optimizer", self.optimizer, tuple(OPTIMIZERS))
        elif not (isinstance(self.optimizer, type) and issubclass(self.optimizer, torch.optim.Optimizer)):
            raise ParameterTypeError(
                f"Training: optimizer is {self.optimizer!r}; it must be one of {', '.join(OPTIMIZERS)} "
                "or a class derived from torch.optim.Optimizer"
            )
