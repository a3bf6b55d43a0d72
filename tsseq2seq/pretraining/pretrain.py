"""pretrain: train the network on generated series, with the engine's own loop and checkpoints."""

from __future__ import annotations

import dataclasses
import os
import time

from torch import nn

from tsseq2seq.forecasting.model import SeriesModel
from tsseq2seq.forecasting.pretrained_design import PRETRAINED_SIZES, build_pretrained
from tsseq2seq.forecasting.pretrained_weights import pretrained_model
from tsseq2seq.hardware.devices import resolve_device
from tsseq2seq.pretraining.chunks import Chunks
from tsseq2seq.pretraining.generator import Generator
from tsseq2seq.pretraining.objective import PretrainingModule, PretrainingObjective
from tsseq2seq.pretraining.settings import Pretraining
from tsseq2seq.settings import described
from tsseq2seq.training.digest import digest
from tsseq2seq.training.folder_checkpoint import FolderCheckpoint
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.training import Training

__all__ = ["pretrain"]


def pretrain(
    settings: Pretraining,
    training: Training,
    *,
    generator: Generator | None = None,
    processes: int = 1,
    begin: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> tuple[SeriesModel, Record]:
    """Train a network on generated series.

    Parameters
    ----------
    settings
        What it is trained on.
    training
        The optimisation, its limits, its device and where its states are stored.
    generator
        Makes the series. None: ``Generator()``.
    processes
        Processes beside the training that generate series ahead. 0: it waits for each panel.
    begin
        The file of weights to begin from, as of an earlier pretraining with other series. None: new ones,
        whose first forecast is exponential smoothing itself.
    resume
        The folder of a checkpoint to continue from. None: a new training.

    Returns
    -------
    model, record
        The network on the CPU, and the record of the training, with the error on the held-back panels.

    Raises
    ------
    ModelFileError
        If the weights to begin from cannot be read.
    """
    started, device = time.monotonic(), resolve_device(training.device)
    first = None if begin is None else pretrained_model(settings.size, begin).state_dict()
    checkpoint = FolderCheckpoint.of(
        training, {"pretraining": described(settings), "training": described(training)}, resume
    ).of_data("" if first is None else digest(*first.values()))
    chunks = Chunks(settings, Generator() if generator is None else generator)
    held_back = [chunk.to(device) for chunk in chunks.held_back()]

    def build(member: int, seed: int) -> PretrainingObjective:
        model = build_pretrained(PRETRAINED_SIZES[settings.size])
        if first is None:
            _begin_as_the_base(model)
        else:
            model.load_state_dict(first)
        return PretrainingObjective(
            PretrainingModule(model).to(device),
            lambda number: chunks.beginning_at(number, processes=processes),
            held_back,
            mixed=settings.mixed,
            batch_size=settings.batch_size,
            device=device,
        )

    if settings.held_back:
        # what is held back are panels, whatever their steps
        training = dataclasses.replace(training, validation_size=1)
    objectives, records = train_members(
        build, training, device=device, seed=settings.seed, started=started, checkpoint=checkpoint
    )
    checkpoint.finish(records[0].stopped)
    return objectives[0].module.model.cpu(), records[0]


def _begin_as_the_base(model: SeriesModel) -> None:
    """Set the median's weights to 0, so that the first forecast is exponential smoothing itself."""
    head = model.network.decoder.head.linear
    assert isinstance(head, nn.Linear)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
