"""The page of commands tells of each command what its `--help` tells."""

from typing import Annotated

import typer

from tools.commands_page import section, typed_commands


def example_app() -> typer.Typer:
    app = typer.Typer()
    case = typer.Typer()
    app.add_typer(case, name="case")

    @case.command(epilog="Example: `santiao case show 2026-1 --json`")
    def show(
        case_id: Annotated[str, typer.Argument(metavar="ID", help="A case id | an alias.")],
        as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="As known then.")] = None,
        limit: Annotated[int, typer.Option(help="How many.")] = 20,
    ) -> None:
        """Show one case."""

    @app.command(hidden=True)
    def secret() -> None:
        """Not shown."""

    return app


def test_commands_are_named_by_all_their_words_and_hidden_ones_left_out() -> None:
    assert [name for name, _ in typed_commands(typer.main.get_command(example_app()))] == ["case show"]


def test_a_section_tells_arguments_options_defaults_and_the_example() -> None:
    ((name, command),) = typed_commands(typer.main.get_command(example_app()))
    text = section(name, command)
    assert text.startswith("## `santiao case show`\n\nShow one case.\n")
    assert "| `ID` | A case id \\| an alias. |" in text
    assert "| `--as-of` | As known then. |" in text
    assert "| `--limit` | How many. Default `20`. |" in text
    assert text.endswith("Example: `santiao case show 2026-1 --json`")
