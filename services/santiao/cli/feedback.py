"""Commands about what is owed to agencies: hand it over now, read their answers, hold accounts against each other (对账)."""

from pathlib import Path
from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    feedback = typer.Typer(no_args_is_help=True, help="What is owed to agencies, and what they said of it.")
    feedback.command("deliver", epilog="Example: santiao feedback deliver")(deliver)
    feedback.command("answers", epilog="Example: santiao feedback answers petitions replies/reply-0001.json")(
        read_answers
    )
    feedback.command("reconcile", epilog="Example: santiao feedback reconcile --json")(reconcile_accounts)
    app.add_typer(feedback, name="feedback")


def deliver(json: JsonOption = False) -> None:
    """Hand over what is due now, once; a running hub does so by itself."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        done = hub.courier.deliver_due()
    if json:
        output.print_json(done)
    else:
        output.people.print(
            f"{done.delivered} delivered, {done.put_off} put off, {done.buried} given up / 已送达 {done.delivered} 件"
        )


def read_answers(
    agency: Annotated[str, typer.Argument(help="The agency, by its connector's name.")],
    files: Annotated[list[Path], typer.Argument(help="Its reply files.", metavar="FILE")],
    json: JsonOption = False,
) -> None:
    """Read an agency's replies row by row; what is in conflict or failed becomes a dead letter.

    A running hub reads what lies in the agency's folder under `feedback/<agency>/replies/` by itself.
    """
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        reports = [hub.answers.read_file(agency, path) for path in files]
    if json:
        output.print_json(reports)
        return
    output.print_table(
        ("file", "taken", "conflict", "failed", "known to us"),
        [
            (each.place, each.taken, each.conflict, each.failed, "read before" if each.repeated else each.known)
            for each in reports
        ],
    )


def reconcile_accounts(json: JsonOption = False) -> None:
    """Show every agency's account: owed = waiting + delivered + dead; delivered = taken + unanswered."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        accounts = hub.reconcile()
    if json:
        output.print_json(accounts)
        return
    words = ("agency", "owed", "waiting", "delivered", "dead", "taken", "unanswered", "conflict", "failed")
    output.print_table(words, [[getattr(account, word) for word in words] for account in accounts])
