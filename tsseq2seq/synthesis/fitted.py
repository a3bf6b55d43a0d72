"""A fitted synthesizer: its trained networks, its tokeniser, the frames' scale and resolved settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.token_pairs import TokenPairs, TokenSequences, sequence_offsets
from tsseq2seq.data.text.tokenizers import TextTokenizer, tokenizer_from_parts
from tsseq2seq.errors import DataError
from tsseq2seq.memory import memory_told
from tsseq2seq.stored_checks import check_fields
from tsseq2seq.synthesis.defaults import ResolvedFrameSettings
from tsseq2seq.synthesis.frames import FramePairs
from tsseq2seq.synthesis.model import FrameModel
from tsseq2seq.synthesis.network import build_synthesis_network
from tsseq2seq.synthesis.writing import Written, write_frames
from tsseq2seq.training.saved_members import members_from_tensors, members_to_tensors

__all__ = ["FittedFrames", "build_frame_model"]

# Of a batch: tokens and frames, padding included.
_STEPS = 20_000


def build_frame_model(resolved: ResolvedFrameSettings, *, vocabulary: int, features: int) -> FrameModel:
    """Build an untrained model for a vocabulary and a number of features."""
    network = build_synthesis_network(
        resolved.network,
        vocabulary=vocabulary,
        features=features,
        frames_per_step=resolved.frames_per_step,
        prenet_dropout=resolved.prenet_dropout,
    )
    return FrameModel(
        network, features=features, frames_per_step=resolved.frames_per_step, loss=resolved.loss
    )


@dataclass(frozen=True)
class FittedFrames:
    """Trained networks with their tokeniser, the scale of the frames and resolved settings.

    Attributes
    ----------
    members
        The networks of the ensemble, in evaluation mode.
    tokenizer
        The tokeniser of the texts.
    standardisation
        Mean and standard deviation of each feature in the fit.
    resolved
        The resolved settings.
    """

    members: tuple[FrameModel, ...]
    tokenizer: TextTokenizer
    standardisation: Standardisation
    resolved: ResolvedFrameSettings

    @property
    def device(self) -> torch.device:
        """The device of the networks."""
        return next(self.members[0].parameters()).device

    @memory_told
    @torch.inference_mode()
    def synthesize(self, sources: TokenSequences, max_length: int | None = None) -> list[Written]:
        """Write the frames of each text, in the units of the fit.

        Parameters
        ----------
        sources
            Tokens of the texts.
        max_length
            The most frames of a text. None: in proportion to its tokens.

        Raises
        ------
        DataError
            If a text is longer than the positions that were learned.
        """
        if not len(sources):
            return []
        self._check_positions(sources)
        sources = sources.to(self.device)
        usual = torch.tensor(
            [self.resolved.max_length(tokens) for tokens in sources.lengths.tolist()], device=self.device
        )
        limits = usual if max_length is None else torch.full_like(usual, max_length)
        written: dict[int, Written] = {}
        # texts are batched by what they may usually have, as a limit may be set that none will reach
        expected = sequence_offsets(usual.minimum(limits))
        pairs = TokenPairs(sources, TokenSequences(expected.new_zeros(int(expected[-1])), expected))
        for numbers in bucketed_batches(pairs, tokens=_STEPS, generator=None, shuffle=False):
            index = numbers.to(self.device)
            rows = write_frames(self.members, *sources.pad(index), limits[index])
            written |= {row: self._in_units(one) for row, one in zip(index.tolist(), rows, strict=True)}
        return [written[row] for row in range(len(sources))]

    @torch.inference_mode()
    def forced_error(self, pairs: FramePairs) -> float:
        """Return the mean absolute error of all numbers under teacher forcing, in the units of the fit."""
        self._check_positions(pairs.sources)
        pairs, std = pairs.to(self.device), self.standardisation.std.to(self.device)
        total = 0.0
        for index in pairs.batches(_STEPS):
            batch = pairs.batch(index)
            frames = torch.stack([model.decode(batch)[..., :-1] for model in self.members]).mean(0)
            errors = ((frames - batch.target).abs() * std)[batch.target_mask]
            total += float(errors.double().sum())
        return total / pairs.targets.values.numel()

    def _in_units(self, written: Written) -> Written:
        mean, std = self.standardisation.mean.numpy(), self.standardisation.std.numpy()
        return Written(written.frames * std + mean, written.weights, written.ended)

    def _check_positions(self, sources: TokenSequences) -> None:
        limit = self.resolved.network.num_positions
        if limit is None or not len(sources) or int(sources.lengths.max()) <= limit:
            return
        row = int((sources.lengths > limit).int().argmax())
        raise DataError(
            f"texts[{row}] has {int(sources.lengths[row])} tokens, its end included, but the network learned "
            f"positions for {limit}; cut it, or fit with positions='sinusoidal'"
        )

    def to_parts(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Return the parts for JSON (with settings), and the tensors."""
        tensors = members_to_tensors(self.members)
        parts = {
            "tokenizer": self.tokenizer.to_parts(),
            "standardisation": self.standardisation.to_parts(),
            "members": len(self.members),
            "choices": vars(self.resolved),
        }
        return parts, tensors

    @classmethod
    def from_parts(
        cls, parts: dict[str, Any], tensors: dict[str, Tensor], device: torch.device
    ) -> FittedFrames:
        """Restore what :meth:`to_parts` returned."""
        tokenizer = tokenizer_from_parts(parts["tokenizer"])
        standardisation = Standardisation.from_parts(parts["standardisation"])
        resolved = check_fields(ResolvedFrameSettings(**parts["choices"]))
        members = members_from_tensors(
            lambda: build_frame_model(
                resolved, vocabulary=tokenizer.vocabulary_size, features=standardisation.width
            ),
            parts["members"],
            tensors,
            device,
        )
        return cls(members, tokenizer, standardisation, resolved)
