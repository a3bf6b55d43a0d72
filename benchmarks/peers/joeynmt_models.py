"""JoeyNMT: its model, its search and its training step, in memory.

``build`` makes a model with the sizes that it is given, ``search`` translates a batch through
``joeynmt.search.search``, ``train`` makes training steps: ``TrainManager._train_step`` itself, and the
update as ``train_and_validate`` makes it. Left out is what is not the model: files, vocabularies from
text, tokenising, logging, validation. What could be faster without changing its code is set so:
numbers below 1e-38 are flushed, and its search runs in inference mode.

JoeyNMT is installed without its dependencies (``joeynmt_requirements.txt``); what it imports beside
those, and never uses here, is stood in for.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from peers.turns import Answer, serve, timed

# Numbers of padding, begin, end and unknown token: in the files, and as JoeyNMT has them.
OURS, THEIRS = (0, 1, 2, 3), (1, 2, 3, 0)
PAD, BOS, EOS, UNK = THEIRS
ATTENTIONS = {"general": "luong", "additive": "bahdanau"}
LEARNING_RATE, CLIP_NORM = 1e-3, 1.0


def stand_in(name: str, **contents: object) -> None:
    """Put a module in place of one that is imported and not needed."""
    module = ModuleType(name)
    vars(module).update(contents)
    sys.modules[name] = module


def stand_ins() -> None:
    """Put modules in place of all that are imported and not needed."""
    sys.modules["importlib_metadata"] = importlib.metadata  # the standard library has it since
    stand_in("torch.utils.tensorboard", SummaryWriter=None)  # logging
    stand_in("joeynmt.plotting", plot_heatmap=None)  # needs matplotlib
    stand_in("sentencepiece")  # tokenising
    stand_in("subword_nmt", apply_bpe=None)
    metrics = dict.fromkeys(("bleu", "chrf", "sequence_accuracy", "token_accuracy"))
    stand_in("joeynmt.metrics", **metrics)  # needs sacrebleu


def translated(ids: np.ndarray) -> np.ndarray:
    """Return token numbers of the files as JoeyNMT's."""
    changed = ids.copy()
    for ours, theirs in zip(OURS, THEIRS, strict=True):
        changed[ids == ours] = theirs
    return changed


def configuration(sizes: dict[str, Any]) -> dict[str, Any]:
    """Return the ``model`` part of a JoeyNMT configuration."""
    width, dropout = sizes["hidden_size"], sizes["dropout"]
    shared = {
        "type": "recurrent",
        "rnn_type": "lstm",
        "embeddings": {"embedding_dim": width, "dropout": dropout},
        "hidden_size": width,
        "num_layers": sizes["num_layers"],
        "dropout": dropout,
    }
    decoder = {
        "attention": ATTENTIONS[sizes["attention"]],
        "hidden_dropout": dropout,
        "init_hidden": "bridge",
        "input_feeding": sizes["input_feeding"],
    }
    return {
        "initializer": "xavier_uniform",
        "tied_softmax": sizes["tied"],
        "encoder": shared | {"bidirectional": True},
        "decoder": shared | decoder,
    }


class Models:
    """The models built so far, and what is done with them."""

    def __init__(self) -> None:
        self.clock = "wall"
        self.models: dict[str, Any] = {}
        self.optimizers: dict[str, Any] = {}
        self.data: dict[str, dict[str, Any]] = {}

    def start(self, threads: int, clock: str) -> Answer:
        """Set up torch and the clock, and return versions."""
        self.clock = clock
        stand_ins()
        import torch

        torch.set_flush_denormal(True)
        torch.set_num_threads(threads)
        versions = {name: importlib.metadata.version(name) for name in ("joeynmt", "torch")}
        return {"versions": {"python": platform.python_version()} | versions}

    def build(self, name: str, data: str, sizes: dict[str, Any]) -> Answer:
        """Build a model, and read the file of token numbers that it is to work on."""
        import torch
        from joeynmt.builders import build_optimizer
        from joeynmt.model import build_model

        torch.manual_seed(0)
        vocabularies = [vocabulary(sizes[f"{side}_vocabulary"]) for side in ("source", "target")]
        model = build_model(configuration(sizes), *vocabularies)
        model.loss_function = ("crossentropy", sizes["label_smoothing"])
        with np.load(data) as file:
            arrays = {key: array if "lengths" in key else translated(array) for key, array in file.items()}
        self.data[name] = {key: torch.from_numpy(array) for key, array in arrays.items()}
        self.models[name] = model
        adam = {"optimizer": "adam", "learning_rate": LEARNING_RATE}
        self.optimizers[name] = build_optimizer(adam, model.parameters())
        return {"parameters": sum(weight.numel() for weight in model.parameters())}

    def search(self, name: str, batch: int, beam: int, length: int, calls: int, place: int) -> Answer:
        """Translate batches of sentences with exactly ``length`` tokens each."""
        import torch
        from joeynmt.search import search

        model, data = self.models[name].eval(), self.data[name]
        outputs = []
        answer: Answer = {}
        with timed(answer, self.clock), torch.inference_mode():
            for call in range(calls):
                rows = torch.arange(batch) + (place * calls + call) * batch
                rows = rows % len(data["sources"])
                lengths = data["sources_lengths"][rows]
                sentences = in_memory(data["sources"][rows, : int(lengths.max())], lengths)
                order = sentences.sort_by_src_length()
                found, _, _ = search(
                    model=model,
                    batch=sentences,
                    beam_size=beam,
                    beam_alpha=-1,  # its default
                    max_output_length=length,
                    min_output_length=length - 1,
                )
                outputs.append(found[order])
        answer["tokens"] = sum(int((found != PAD).sum()) for found in outputs)
        return answer

    def train(self, name: str, start: int, count: int) -> Answer:
        """Make training steps on some of the batches."""
        import torch
        from joeynmt.builders import build_gradient_clipper
        from joeynmt.training import TrainManager

        model, optimizer, data = self.models[name], self.optimizers[name], self.data[name]
        clip = build_gradient_clipper({"clip_grad_norm": CLIP_NORM, "clip_grad_val": None})
        manager = SimpleNamespace(
            model=model,
            autocast={"device_type": "cpu", "enabled": False},  # what it sets on a processor
            args=SimpleNamespace(normalization="batch", batch_multiplier=1),
            n_gpu=0,
            scaler=None,
        )
        answer: Answer = {"tokens": 0}
        with timed(answer, self.clock):
            for number in range(start, start + count):
                target = data[f"target_{number}"]
                target = torch.cat([torch.full_like(target[:, :1], BOS), target], dim=1)
                batch = in_memory(data[f"source_{number}"], data[f"source_lengths_{number}"], target)
                TrainManager._train_step(manager, batch)
                clip(parameters=model.parameters())
                optimizer.step()
                model.zero_grad()
                answer["tokens"] += batch.ntokens
        return answer


def vocabulary(size: int) -> Any:  # of a class that is there in its own environment only
    """Return a vocabulary of that many tokens."""
    from joeynmt.vocabulary import Vocabulary

    names = {"unk": UNK, "pad": PAD, "bos": BOS, "eos": EOS}
    special = {f"{name}_token": f"<{name}>" for name in names} | {
        f"{name}_id": n for name, n in names.items()
    }
    tokens = [f"token{number}" for number in range(size - len(names))]
    return Vocabulary(tokens, SimpleNamespace(**special, sep_token=None, lang_tags=[]))


def in_memory(source: Any, lengths: Any, target: Any = None) -> Any:
    """Return a batch, as its ``collate_fn`` makes it."""
    import torch
    from joeynmt.batch import Batch

    return Batch(
        src=source,
        src_length=lengths,
        src_prompt_mask=None,
        trg=target,
        trg_prompt_mask=None,
        indices=torch.arange(len(source)),
        device=torch.device("cpu"),
        pad_index=PAD,
        eos_index=EOS,
        is_train=target is not None,
    )


if __name__ == "__main__":
    models = Models()
    serve({"start": models.start, "build": models.build, "search": models.search, "train": models.train})
