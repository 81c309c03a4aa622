"""The command `santiao`."""

import typer

app = typer.Typer(name="santiao", no_args_is_help=True, help="三调联动 integration hub between public agencies.")


@app.callback()
def explain() -> None:
    """Show the commands there are."""


def main() -> None:
    """Run the command line."""
    app()
