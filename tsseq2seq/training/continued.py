"""What must not change between two fits of the same networks (a warm start)."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from tsseq2seq.errors import ParameterError
from tsseq2seq.settings import Settings, described

__all__ = ["refuse_change", "refuse_other_members", "weights_of", "with_earlier"]

AnySettings = TypeVar("AnySettings", bound=Settings)


def with_earlier(asked: AnySettings, earlier: AnySettings) -> AnySettings:
    """Return settings in which every field that is left open (None) is as the earlier fit chose it.

    Examples
    --------
    >>> from tsseq2seq.nn.network import Network
    >>> with_earlier(Network(num_layers=2), Network(hidden_size=32)).hidden_size
    32
    """
    fields = asked.get_params(deep=False)
    chosen = {name: getattr(earlier, name) for name, value in fields.items() if value is None}
    return dataclasses.replace(asked, **chosen)  # type: ignore[type-var]


def refuse_change(name: str, new: Any, old: Any) -> None:  # noqa: ANN401
    """Refuse a parameter that is not what the networks were fitted with.

    Raises
    ------
    ParameterError
        With both values; of settings, with the first field that differs.

    Examples
    --------
    >>> refuse_change("crf", False, False)
    """
    if described(new) == described(old):
        return
    now, then = repr(new), repr(old)
    if isinstance(new, Settings) and type(new) is type(old):
        fields, before = new.get_params(deep=False), old.get_params(deep=False)
        differing = next(key for key in fields if described(fields[key]) != described(before[key]))
        owner = type(new).__name__
        now, then = (f"{owner}({differing}={values[differing]!r})" for values in (fields, before))
    raise ParameterError(
        f"warm_start: {name} is {now}, but the model was fitted with {then}; fit without warm_start, or set "
        "it back"
    )


def refuse_other_members(asked: int, members: int) -> None:
    """Refuse to go on with more or fewer networks than there are.

    Raises
    ------
    ParameterError
        If the numbers differ.
    """
    if asked != members:
        raise ParameterError(f"warm_start: training has members={asked}, but the model has {members}")


def weights_of(previous: Any) -> list[dict[str, Any]] | None:  # noqa: ANN401 (what a fit of any kind leaves)
    """Return the weights of the networks that a warm start begins from; None if it is none."""
    return None if previous is None else [dict(member.state_dict()) for member in previous.members]
