"""Commands of the cluster runtime: topics, worker, connect, api."""

from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    topics = typer.Typer(no_args_is_help=True, help="Topics of the cluster runtime.")
    topics.callback()(_topics)
    topics.command("create", epilog="Example: santiao topics create --partitions 16 --replication 3")(create)
    app.add_typer(topics, name="topics")
    app.command(epilog="Example: santiao worker --only receive")(worker)


def _topics() -> None:
    """Topics of the cluster runtime."""


def create(
    partitions: Annotated[
        int, typer.Option(min=1, help="Partitions of each topic; a shard's is its number modulo this.")
    ] = 16,
    replication: Annotated[
        int, typer.Option(min=1, help="Copies of each partition; min.insync.replicas is one less.")
    ] = 3,
    retention_days: Annotated[int, typer.Option(min=1, help="How long records stay on their topic.")] = 7,
    json: JsonOption = False,
) -> None:
    """Make the topics that are missing; check those that stand and tell what differs (exit 1), changing none."""
    from santiao.bootstrap.cluster import create_topics

    reports = create_topics(partitions, replication, retention_days)
    if json:
        output.print_json(reports)
    else:
        for each in reports:
            output.people.print(f"{each.name}  {each.state}", highlight=False)
            for difference in each.differences:
                output.people.print(f"  {difference}", highlight=False)
    if any(each.differences for each in reports):
        raise typer.Exit(1)


def worker(
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this of receive, project, deliver, relay, timers; may be given several times."),
    ] = None,
) -> None:
    """Work for the cluster: records to the hub, events to their topic and to the views, feedback to agencies, timers."""
    from santiao.bootstrap.cluster import run_worker

    status = run_worker(only or [])
    if status:
        raise typer.Exit(status)
