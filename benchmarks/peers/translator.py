"""This library's translator, taking turns with its peers.

``build`` fits one step on texts, so that the weights are all but random, and writes the token numbers
on which everybody works. ``search`` is ``Seq2SeqTranslator.translate``, from texts to texts; ``train``
the step that ``fit`` makes, drawing of the batch included.
"""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from peers.turns import Answer, serve, timed
from tsseq2seq import Network, Seq2SeqTranslator, Training
from tsseq2seq.data.text.encoding import encode_pairs, encode_sources
from tsseq2seq.data.text.token_batches import bucketed_batches
from tsseq2seq.data.text.vocabulary import EOS
from tsseq2seq.datasets import load
from tsseq2seq.decoding.greedy import greedy_search
from tsseq2seq.hardware.devices import device_prepared
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.step import GradientSteps, make_optimizer
from tsseq2seq.translation.objective import TokenObjective

# As JoeyNMT's runner has them.
LEARNING_RATE, CLIP_NORM = 1e-3, 1.0


@dataclass
class Built:
    """A translator, and what it works on: texts to translate, or batches to train on."""

    translator: Seq2SeqTranslator
    texts: list[str]
    objective: TokenObjective | None = None
    optimizer: torch.optim.Optimizer | None = None
    batches: tuple[torch.Tensor, ...] = ()


class Models:
    """The models built so far, and what is done with them."""

    def __init__(self) -> None:
        self.clock = "wall"
        self.models: dict[str, Built] = {}

    def start(self, threads: int, clock: str) -> Answer:
        """Set threads and clock, and return versions."""
        self.clock = clock
        torch.set_num_threads(threads)
        versions = {name: metadata.version(name) for name in ("tsseq2seq", "torch")}
        return {"versions": {"python": platform.python_version()} | versions}

    def build_for_search(self, name: str, texts: str, data: str, sizes: dict[str, Any]) -> Answer:
        """Build a translator for the texts of a file, and write those to translate as numbers."""
        read = json.loads(Path(texts).read_text(encoding="utf-8"))
        translator = fitted(read["tokenizer"], read["sources"], read["targets"], sizes)
        ids = encode_sources(read["queries"], translator.fitted_.source)
        sources, lengths = ids.pad(torch.arange(len(ids)))
        np.savez(data, sources=sources.numpy(), sources_lengths=lengths.numpy())
        self.models[name] = Built(translator, read["queries"])
        return described(translator)

    def build_for_training(
        self, name: str, dataset: str, tokenizer: str, min_count: int, batches: int, own: bool, data: str,
        sizes: dict[str, Any],
    ) -> Answer:  # fmt: skip
        """Build a translator for a data set, draw batches, and write others' as numbers.

        Others get the same batches, or ``own`` ones, as JoeyNMT draws them: pairs in any order, whatever
        their lengths.
        """
        pairs = load(dataset)
        texts = pairs["source"].tolist(), pairs["target"].tolist()
        translator = fitted(tokenizer, *texts, sizes, min_count)
        resolved = translator.fitted_
        encoded = encode_pairs(*texts, resolved.source, resolved.target)
        training = translator.training_
        objective = TokenObjective(resolved.members[0], encoded, None, training, seed=0)
        drawn = bucketed_batches(encoded, tokens=objective.budget, generator=objective.batches.generator)
        indices = tuple(islice(drawn, batches))
        arrays = {}
        theirs = indices
        if own:
            order = torch.randperm(len(encoded), generator=torch.Generator().manual_seed(0))
            theirs = order.split(sizes["batch_size"])[:batches]
        for number, index in enumerate(theirs):
            batch = encoded.batch(index)
            arrays[f"source_{number}"] = batch.source.numpy()
            arrays[f"source_lengths_{number}"] = batch.source_lengths.numpy()
            arrays[f"target_{number}"] = batch.target.numpy()
        np.savez(data, **arrays)
        optimizer = make_optimizer(objective, training)
        self.models[name] = Built(translator, [], objective, optimizer, indices)
        return described(translator)

    def search(self, name: str, batch: int, beam: int, length: int, calls: int, place: int) -> Answer:
        """Translate batches of sentences with exactly ``length`` tokens each."""
        built = self.models[name]
        found = []
        answer: Answer = {}
        with timed(answer, self.clock):
            for call in range(calls):
                texts = chosen(built.texts, batch, place * calls + call)
                found += built.translator.translate(
                    texts, beam_size=beam, min_length=length - 1, max_length=length
                )
        answer["tokens"] = sum(len(rows[0].tokens) for rows in found)
        return answer

    def greedy(self, name: str, batch: int, length: int, calls: int, place: int) -> Answer:
        """Do the same with the greedy search, which has no shortest length: the end token counts as any."""
        built = self.models[name]
        fitted_ = built.translator.fitted_
        model = fitted_.members[0]
        found = []
        answer: Answer = {}
        with timed(answer, self.clock), torch.inference_mode():
            for call in range(calls):
                texts = chosen(built.texts, batch, place * calls + call)
                tokens, lengths = encode_sources(texts, fitted_.source).pad(torch.arange(batch))
                encoding = model.encode(tokens, lengths)
                rows = greedy_search(model.network, encoding, first=model.first(batch), max_length=length)
                texts = [fitted_.target.decode([t for t in row.tokens if t != EOS]) for row in rows]
                found += rows
        answer["tokens"] = sum(len(row.tokens) for row in found)
        return answer

    def train(self, name: str, start: int, count: int) -> Answer:
        """Make training steps on some of the batches."""
        built = self.models[name]
        objective, optimizer, training = built.objective, built.optimizer, built.translator.training_
        assert objective is not None
        assert optimizer is not None
        indices = built.batches[start : start + count]
        objective.batches = iter(indices)
        objective.module.train()
        make_step = GradientSteps(objective, optimizer, training)

        answer: Answer = {}
        with timed(answer, self.clock), device_prepared(objective.device):  # as in fit
            for _ in indices:
                make_step(1, 100)
        answer["tokens"] = int(sum(objective.pairs.targets.lengths[index].sum() for index in indices))
        return answer


def chosen(texts: list[str], batch: int, place: int) -> list[str]:
    """Return a batch of the texts, after the last the first again."""
    return [texts[(place * batch + row) % len(texts)] for row in range(batch)]


def fitted(
    tokenizer: str, sources: list[str], targets: list[str], sizes: dict[str, Any], min_count: int = 1
) -> Seq2SeqTranslator:
    """Return a translator after a single training step."""
    network = Network(
        bidirectional=True,
        hidden_size=sizes["hidden_size"],
        num_layers=sizes["num_layers"],
        attention=sizes["attention"],
        input_feeding=sizes["input_feeding"],
        dropout=sizes["dropout"],
    )
    training = Training(
        max_steps=1, optimizer="adam", learning_rate=LEARNING_RATE, weight_decay=0.0, clip_norm=CLIP_NORM,
        batch_size=sizes["batch_size"], precision="float32", device="cpu", progress=False,
    )  # fmt: skip
    translator = Seq2SeqTranslator(
        tokenizer,
        min_count=min_count,
        output=Tokens(label_smoothing=sizes["label_smoothing"], tied=sizes["tied"]),
        network=network,
        training=training,
    )
    return translator.fit(sources, targets)


def described(translator: Seq2SeqTranslator) -> Answer:
    """Return the sizes of a translator."""
    model = translator.fitted_
    return {
        "source_vocabulary": model.source.vocabulary_size,
        "target_vocabulary": model.target.vocabulary_size,
        "parameters": sum(weight.numel() for weight in model.members[0].parameters()),
    }


if __name__ == "__main__":
    models = Models()
    serve(
        {
            "start": models.start,
            "build_for_search": models.build_for_search,
            "build_for_training": models.build_for_training,
            "search": models.search,
            "greedy": models.greedy,
            "train": models.train,
        }
    )
