"""Commands that keep a home in order: erase, backup, restore, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    app.command(epilog="Example: santiao erase --reason 申请删除 < number.txt")(erase)
    app.command(epilog="Example: santiao backup /backup/2026-03-31")(backup)
    app.command(epilog="Example: santiao restore /backup/2026-03-31")(restore)
    app.command(epilog="Example: santiao doctor --json")(doctor)


def erase(
    reason: Annotated[str, typer.Option(help="Why: a legal ground or a request's number. No personal data.")],
    mention: Annotated[
        list[str] | None, typer.Option(help="A mention as connector:key#slot; else the number is read from stdin.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how many mentions there are; erase none.")] = False,
    json: JsonOption = False,
) -> None:
    """Erase a person: destroy the keys of all their mentions. It cannot be undone.

    The identity number is read from standard input, never from the command line, so that it stays out of process lists and histories.
    """
    from santiao.bootstrap import open_hub

    number = "" if mention else typer.get_text_stream("stdin").readline().strip()
    with open_hub() as hub:
        report = hub.erase(number=number, mentions=mention or [], reason=reason, dry_run=dry_run)
    if json:
        output.print_json(report)
    else:
        output.people.print(
            f"{report.mentions} mentions in {report.sources} sources / 涉及 {report.sources} 个来源中的 {report.mentions} 处"
        )


def backup(
    folder: Annotated[Path, typer.Argument(help="An empty folder.", metavar="DIR")], json: JsonOption = False
) -> None:
    """Copy the log and the keys, consistently, while the hub runs. Keep the master key apart from it."""
    from santiao.bootstrap import back_up_home

    with output.progress_bar("backup", quiet=json):
        manifest = back_up_home(folder)
    output.print_json(manifest) if json else output.people.print(manifest)


def restore(folder: Annotated[Path, typer.Argument(help="A backup.", metavar="DIR")], json: JsonOption = False) -> None:
    """Put a backup into an empty home, apply every erasure again, and fold the views."""
    from santiao.bootstrap import restore_home

    with output.progress_bar("restore", quiet=json):
        report = restore_home(folder)
    output.print_json(report) if json else output.people.print(report)


def doctor(json: JsonOption = False) -> None:
    """Say what is wrong, why, and the command that mends it; exit 1 when something is."""
    from santiao.bootstrap import examine_home

    findings = examine_home()
    if json:
        output.print_json(findings)
    else:
        for finding in findings:
            output.people.print(
                f"{'✓' if finding.is_good else '✗'} {finding.what}: {finding.why_zh} {finding.why}", highlight=False
            )
            if finding.mend:
                output.people.print(f"    → {finding.mend}", highlight=False)
    if not all(finding.is_good for finding in findings):
        raise typer.Exit(1)
