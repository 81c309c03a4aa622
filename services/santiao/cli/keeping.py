"""Commands that keep a home in order: erase, backup, restore, migrate, doctor."""

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
    app.command(epilog="Example: santiao migrate")(migrate)
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
        report = hub.erasing.erase(number=number, mentions=mention or [], reason=reason, dry_run=dry_run)
    if json:
        output.print_json(report)
    else:
        output.people.print(
            f"{report.mentions} mentions in {report.sources} sources / 涉及 {report.sources} 个来源中的 {report.mentions} 处"
        )
        for folder in report.unreached_backups:
            output.people.print(f"未能登记到该备份 / not told to this backup: {folder}", highlight=False)


def backup(
    folder: Annotated[Path, typer.Argument(help="An empty folder.", metavar="DIR")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Copy the master key too: who has such a backup can read everything.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Copy the log and the keys, consistently, while the hub runs. Keep the master key apart from it."""
    from santiao.bootstrap import back_up_home

    with output.progress_bar("backup", quiet=json) as bar:
        manifest = back_up_home(folder, with_key=with_key, progress=bar.show)
    if json:
        output.print_json(manifest)
        return
    output.people.print(f"{folder}: {', '.join(manifest.digests)}  {manifest.made_at}", highlight=False)
    if not with_key:
        output.people.print(
            f"主密钥不在备份中，请另行保管 / the master key is not in it, keep it apart: {manifest.master_key_file}"
        )


def restore(
    folder: Annotated[Path | None, typer.Argument(help="A backup.", metavar="DIR")] = None,
    erasures: Annotated[
        Path | None, typer.Option(help="A ledger of erasures of the lost home, kept elsewhere.")
    ] = None,
    databases: Annotated[
        bool,
        typer.Option("--databases", help="They were restored by their own means (PostgreSQL): do only what follows."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Put a backup into an empty home, apply every erasure again, and fold the views."""
    from santiao.bootstrap import restore_home, settle_restored_home

    if (folder is None) is not databases:
        raise typer.BadParameter("name a backup, or say --databases 请指定备份目录或使用 --databases")
    with output.progress_bar("restore", quiet=json) as bar:
        if folder is None:
            report = settle_restored_home(ledger=erasures, progress=bar.show)
        else:
            report = restore_home(folder, ledger=erasures, progress=bar.show)
    if json:
        output.print_json(report)
    else:
        told = f"{report.events} events {report.made_at}".rstrip() + f", {report.erasures} erasures applied again"
        output.people.print(f"{told} / 已恢复，重新执行 {report.erasures} 项删除")


def migrate(json: JsonOption = False) -> None:
    """Make what is missing and bring the databases up to this version. Every other command does so too; an upgrade does it first, once."""
    from santiao.bootstrap import migrate_home

    migrated = migrate_home()
    if json:
        output.print_json(migrated)
    else:
        output.people.print(f"{migrated.revision}, {migrated.views} views / 数据库已就绪", highlight=False)


def doctor(json: JsonOption = False) -> None:
    """Say what is wrong, why, and the command that mends it; exit 1 when something is."""
    from santiao.bootstrap import examine_home

    findings = examine_home()
    if json:
        output.print_json(findings)
    else:
        for finding in findings:
            mark = {"good": "✓", "notice": "!", "wrong": "✗"}[finding.level]
            output.people.print(f"{mark} {finding.what}: {finding.why_zh} {finding.why}", highlight=False, markup=False)
            if finding.mend:
                output.people.print(f"    → {finding.mend}", highlight=False, markup=False)
    if not all(finding.is_good for finding in findings):
        raise typer.Exit(1)
