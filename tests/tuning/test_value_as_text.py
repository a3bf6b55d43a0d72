"""Texts of values: the same in every process, different for different values."""

from __future__ import annotations

import functools
import subprocess
import sys

import pytest

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


PAIRS = [
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
        "print(value_as_text([lambda text: [letter for letter in text], Own(), ''.join, functools.partial(Own())]))"
    )
    texts = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout for _ in "ab"
    }
    assert len(texts) == 1
    assert " at 0x" not in texts.pop()


def test_an_object_that_holds_itself() -> None:
    own = Own("a")
    own.mark = own
    assert " at 0x" not in value_as_text(own)
