"""Commands that run the hub: serve, demo."""

from typing import Annotated

import typer

from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    app.command(epilog="Example: santiao serve")(serve)
    app.command(epilog="Example: santiao demo --once --json")(demo)


def serve() -> None:
    """Run the embedded hub: connectors, core, projections, delivery, API and console in one process."""
    from santiao.bootstrap import serve_home

    serve_home()


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play everything, print the summary, exit.")] = False,
    json: JsonOption = False,
) -> None:
    """Play five invented agencies' deliveries into a hub of its own in a temporary home, as those agencies would; then serve it."""
    from santiao.bootstrap import run_demo

    run_demo(once=once, json=json)
