"""A group of commands that shows its help if no command is named."""

from __future__ import annotations

from typing import Any, final

from typer.core import TyperGroup

__all__ = ["HelpGroup"]


@final
class HelpGroup(TyperGroup):
    """Shows its help if no command is named; typer would raise an error that contains the help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (typer's, which moves)
        """Read the arguments."""
        return super().parse_args(ctx, args or ["--help"])
