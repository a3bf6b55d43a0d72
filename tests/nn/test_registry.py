"""Parts by name: what is entered is found, a second of a name is refused, and one written anew is not."""

from __future__ import annotations

import pytest

from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.attention import ATTENTIONS
from tsseq2seq.nn.cells import CELLS
from tsseq2seq.nn.context import CONTEXTS
from tsseq2seq.nn.encoders import ENCODERS
from tsseq2seq.nn.registry import Registry


def test_what_is_entered_is_found_in_its_order() -> None:
    registry: Registry[type] = Registry("part")
    registry.add("b", int)
    registry.add("a", str)
    assert list(registry) == ["b", "a"]
    assert len(registry) == 2
    assert registry["a"] is str
    assert "b" in registry
    assert "c" not in registry
    assert None not in registry


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed() -> None:
    registry: Registry[type] = Registry("part")
    registry.add("a", int)
    with pytest.raises(ParameterError, match=r"part is 'b'.*'a'"):
        registry["b"]


def test_a_second_class_of_a_name_is_refused() -> None:
    registry: Registry[type] = Registry("part")
    registry.add("a", int)
    with pytest.raises(ParameterError, match=r"'a'.*builtins\.str.*builtins\.int"):
        registry.add("a", str)
    assert registry["a"] is int


def test_a_class_written_anew_takes_the_place_of_the_one_before() -> None:
    def written() -> type:
        class Part:
            pass

        return Part

    registry: Registry[type] = Registry("part")
    first, second = written(), written()
    registry.add("a", first)
    registry.add("a", second)
    assert registry["a"] is second


@pytest.mark.parametrize("registry", [ATTENTIONS, CELLS, CONTEXTS, ENCODERS], ids=lambda r: r.kind)
def test_the_library_names_its_own_parts_once(registry: Registry) -> None:
    assert len(registry) == len({registry[name] for name in registry})
    for name in registry:
        assert registry[name].__module__.startswith("tsseq2seq.nn.")
