"""Texts of values: the same in every process, different for different values."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from tsseq2seq.tuning.value_as_text import value_as_text


class Own:
    def __init__(self, mark):
        self.mark = mark

    def __call__(self, text):
        return text.split(self.mark)

    def method(self):
        return self.mark


def closure(mark):
    def cut(text):
        return text.split(mark)

    return cut


class Slotted:
    __slots__ = ("mark",)

    def __init__(self, mark):
        self.mark = mark


class Silent(Own):
    def __repr__(self):
        return "Silent()"


def defined(body):
    """Define a function of the same name and module as its namesakes."""
    space = {"MARK": body, "re": re}
    exec(f"def cut(text, *, sep={body!r}):\n    return text + MARK + {body!r}", space)
    return space["cut"]


def with_global(mark):
    space = {"MARK": mark}
    exec("def cut(text):\n    return text.split(MARK)", space)
    return space["cut"]


PAIRS = [
    (defined("a"), defined("b")),
    (with_global("a"), with_global("b")),
    (with_global(re.compile("a" * 300 + "b")), with_global(re.compile("a" * 301))),
    (Slotted("a"), Slotted("b")),
    (Silent("a"), Silent("b")),
    (re.compile("a" * 300).findall, re.compile("a" * 299 + "b").findall),
    (np.arange(5000), np.arange(5000) % 4999),
    (torch.arange(5000), torch.arange(5000) % 4999),
    (np.array(["a", None], dtype=object), np.array(["b", None], dtype=object)),
    ({"a", "b"}, {"a", "c"}),
    (lambda text: text + "a", lambda text: text + "b"),
    ("".join, " ".join),
    (Own("a"), Own("b")),
    (Own("a").method, Own("b").method),
    (closure("a"), closure("b")),
    (functools.partial(str.split, sep="a"), functools.partial(str.split, sep="b")),
    ((list, "".join), (list, "-".join)),
    ({"x": lambda: 1}, {"x": lambda: 2}),
    (lambda: [n + 1 for n in (1, 2)], lambda: [n + 1 for n in (1, 3)]),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_address_and_no_confusion(one, other) -> None:
    assert " at 0x" not in value_as_text(one)
    assert value_as_text(one) != value_as_text(other)


def test_another_process_finds_the_same() -> None:
    script = (
        "import functools\n"
        "from tsseq2seq.tuning.value_as_text import value_as_text\n"
        "class Own:\n    def __call__(self): return 1\n"
        "junk = [object() for _ in range(len(__import__('os').urandom(1)) * 1000)]\n"
        "own = Own()\n"
        "own.marks = {'ab', 'cd', 'ef', 'gh'}\n"
        "known = lambda text: [part for part in text if part in {'ab', 'cd', 'ef', 'gh'}]\n"
        "print(value_as_text([known, own, ''.join, functools.partial(own), frozenset(own.marks)]))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(texts) == 1
    assert " at 0x" not in texts.pop()


def test_an_object_that_holds_itself() -> None:
    own = Own("a")
    own.mark = own
    assert " at 0x" not in value_as_text(own)
