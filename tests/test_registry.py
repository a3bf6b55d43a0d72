"""Classes by name: the library's wherever they are defined, a user's by module; and what is refused."""

from __future__ import annotations

import pytest

from tsseq2seq.errors import ModelFileError, ParameterError
from tsseq2seq.registry import class_key, enter, look_up


def made(module: str, name: str) -> type:
    return type(name.rpartition(".")[2], (), {"__module__": module, "__qualname__": name})


@pytest.mark.parametrize(
    ("module", "name", "key"),
    [
        ("tsseq2seq.nn.network", "Network", "tsseq2seq.Network"),
        ("tsseq2seq", "Network", "tsseq2seq.Network"),
        ("tsseq2seq.nn", "Outer.Inner", "tsseq2seq.Outer.Inner"),
        ("tsseq2seq_extras.nn", "Network", "tsseq2seq_extras.nn.Network"),
        ("mine.tsseq2seq", "Network", "mine.tsseq2seq.Network"),
        ("__main__", "Network", "__main__.Network"),
        ("mine", "make.<locals>.Network", "mine.make.<locals>.Network"),
    ],
)
def test_keys(module: str, name: str, key: str) -> None:
    assert class_key(made(module, name)) == key


def test_a_class_that_moved_inside_the_library_keeps_its_key() -> None:
    assert class_key(made("tsseq2seq.outputs", "Point")) == class_key(
        made("tsseq2seq.nn.outputs.point", "Point")
    )


def test_the_same_module_may_define_it_again() -> None:
    registry: dict[str, type] = {}
    for module in ("__main__", "tsseq2seq.nn.network"):
        first, second = made(module, "Network"), made(module, "Network")
        enter(registry, first)
        enter(registry, second)
        assert registry[class_key(first)] is second
    assert len(registry) == 2


def test_two_classes_of_one_key_are_refused() -> None:
    """Two files of the library, or a class and one inside another."""
    for one, other in (
        (made("tsseq2seq.nn.network", "Network"), made("tsseq2seq.training", "Network")),
        (made("mine.shapes", "Network"), made("mine", "shapes.Network")),
    ):
        registry: dict[str, type] = {}
        enter(registry, one)
        with pytest.raises(ParameterError) as refusal:
            enter(registry, other)
        for part in (class_key(one), one.__module__, other.__module__):
            assert part in str(refusal.value)
        assert list(registry.values()) == [one]


def test_a_bare_name_is_the_librarys_class() -> None:
    ours, theirs = made("tsseq2seq.nn.network", "Network"), made("__main__", "Network")
    registry: dict[str, type] = {}
    for kind in (ours, theirs):
        enter(registry, kind)
    assert look_up(registry, "Network") is look_up(registry, "tsseq2seq.Network") is ours
    assert look_up(registry, "__main__.Network") is theirs


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("Brain", "tsseq2seq.Network"),
        ("tsseq2seq.Brain", "tsseq2seq.Network"),
        ("mine.Network", "import the module"),
        ("__main__.Network", "import the module"),
        ("", "tsseq2seq.Network"),
        (None, "tsseq2seq.Network"),
        (3, "tsseq2seq.Network"),
        (["Network"], "tsseq2seq.Network"),
    ],
    ids=str,
)
def test_what_is_not_known_is_named(name: object, named: str) -> None:
    registry: dict[str, type] = {}
    enter(registry, made("tsseq2seq.nn.network", "Network"))
    with pytest.raises(ModelFileError) as refusal:
        look_up(registry, name)
    assert repr(name) in str(refusal.value)
    assert named in str(refusal.value)


def test_classes_of_others_do_not_crowd_the_message() -> None:
    registry: dict[str, type] = {}
    enter(registry, made("tsseq2seq.nn.network", "Network"))
    for number in range(500):
        enter(registry, made(f"mine.part_{number}", "Network"))
    with pytest.raises(ModelFileError) as refusal:
        look_up(registry, "Brain")
    assert str(refusal.value).endswith("known are tsseq2seq.Network")
