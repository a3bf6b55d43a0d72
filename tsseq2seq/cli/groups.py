"""Groups of command-line options, declared as dataclasses and shared by several commands."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

__all__ = ["takes_groups"]


def takes_groups(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command with an option for each field of its dataclass parameters.

    Typer makes an option of each parameter in a function's signature. The function returned has the fields of
    the dataclass, with their annotations and defaults, in place of a parameter annotated with a dataclass. It
    builds the dataclass from the options and calls ``command`` with it.

    Parameters
    ----------
    command
        A function all of whose parameters are annotated.

    Returns
    -------
    callable
        For ``typer.Typer.command``.

    Examples
    --------
    >>> @dataclasses.dataclass
    ... class Size:
    ...     width: int = 1
    ...     height: int = 2
    >>> def area(name: str, size: Size) -> str:
    ...     return f"{name}: {size.width * size.height}"
    >>> command = takes_groups(area)
    >>> str(inspect.signature(command))
    '(*, name: str, width: int = 1, height: int = 2) -> str'
    >>> command(name="floor", width=5, height=2)
    'floor: 10'
    """
    signature = inspect.signature(command)
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hints[name] for name in signature.parameters if dataclasses.is_dataclass(hints[name])}
    parameters = [
        parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in signature.parameters.items()
        if name not in groups
    ]
    for group in groups.values():
        parameters += _parameters(group)

    @functools.wraps(command)
    def command_of_options(**options: Any) -> Any:  # noqa: ANN401
        instances = {
            name: group(**{field.name: options.pop(field.name) for field in dataclasses.fields(group)})
            for name, group in groups.items()
        }
        return command(**options, **instances)

    command_of_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        parameters, return_annotation=hints.get("return", inspect.Signature.empty)
    )
    return command_of_options


def _parameters(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(group)
    ]
