"""Commands about views: list, rebuild, verify."""

from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    views = typer.Typer(no_args_is_help=True, help="Views: folds of the log.")
    views.command("list", epilog="Example: santiao views list")(list_views)
    views.command("rebuild", epilog="Example: santiao views rebuild case_overview")(rebuild_views)
    views.command("verify", epilog="Example: santiao views verify --json")(verify_views)
    app.add_typer(views, name="views")


def list_views(json: JsonOption = False) -> None:
    """List the views, their generation and how far they are behind the log."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        states = hub.projector.states()
    if json:
        output.print_json(states)
        return
    output.print_table(
        ("view", "version", "generation", "state", "behind"),
        [(s.name, s.version, s.generation, s.state, s.behind) for s in states],
    )


def rebuild_views(
    names: Annotated[list[str], typer.Argument(help="Views to build anew.", metavar="NAME")], json: JsonOption = False
) -> None:
    """Build views anew beside the live ones, then swap them in; readers notice nothing."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub, output.progress_bar("rebuild", quiet=json) as bar:
        built = {each.view: each.generation for each in hub.projector.rebuild(names, bar.show)}
    if json:
        output.print_json(built)
    else:
        for name, generation in built.items():
            output.people.print(f"{name}: generation {generation}")


def verify_views(
    names: Annotated[list[str] | None, typer.Argument(help="Only these views.", metavar="NAME")] = None,
    json: JsonOption = False,
) -> None:
    """Recompute views from the log and compare digests at the same positions; exit 1 on a difference."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub, output.progress_bar("verify", quiet=json) as bar:
        found = hub.projector.verify(names or [], bar.show)
    if json:
        output.print_json(
            [
                {
                    "view": v.view,
                    "live": v.live,
                    "recomputed": v.recomputed,
                    "agrees": v.agrees,
                    "positions": v.positions,
                }
                for v in found
            ]
        )
    else:
        output.print_table(
            ("view", "live", "recomputed", ""),
            [(v.view, v.live, v.recomputed, "✓" if v.agrees else "✗ 不一致") for v in found],
        )
    if not all(v.agrees for v in found):
        raise typer.Exit(1)
