"""Commands of the cluster runtime: topics, worker, connect, api."""

from enum import StrEnum
from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


class Work(StrEnum):
    """What `--only` takes."""

    RECEIVE = "receive"
    PROJECT = "project"
    DELIVER = "deliver"
    RELAY = "relay"
    TIMERS = "timers"


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    topics = typer.Typer(no_args_is_help=True, help="Topics of the cluster runtime.")
    topics.callback()(_topics)
    topics.command("create", epilog="Example: santiao topics create --partitions 16 --replication 3")(create)
    app.add_typer(topics, name="topics")
    app.command(epilog="Example: santiao worker --only receive")(worker)
    app.command(epilog="Example: santiao connect police-110 court")(connect)
    app.command(epilog="Example: SANTIAO_PORT=8001 santiao api")(api)


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
        list[Work] | None, typer.Option(help="Only this; may be given several times.", case_sensitive=False)
    ] = None,
) -> None:
    """Work for the cluster: records to the hub, events to their topic and to the views, feedback to agencies, timers."""
    from santiao.bootstrap.cluster import run_worker

    _end(run_worker([work.value for work in only or []]))


def connect(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Connectors; all that have a source set when none is named.", metavar="NAME…"),
    ] = None,
) -> None:
    """Ask agencies live and send their records over Kafka, acknowledged by all replicas before a watermark moves."""
    from santiao.bootstrap.cluster_feeds import run_connect

    _end(run_connect(names or []))


def api() -> None:
    """Serve the API and the console by themselves, beside `santiao worker`."""
    from santiao.bootstrap.cluster_api import run_api

    _end(run_api())


def _end(status: int) -> None:
    if status:
        raise typer.Exit(status)
