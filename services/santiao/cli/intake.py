"""Commands about what comes in: receive, quarantine, dead letters, connectors, simulate."""

from pathlib import Path
from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.reasons import Reasons

JsonOption = Annotated[bool, typer.Option("--json", help="Print one line of JSON on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    app.command(epilog="Example: santiao receive police-110 sqlite:////data/qzk_110.sqlite --json")(receive)
    app.command(epilog="Example: santiao simulate --disputes 200 --seed 7 --out city/")(simulate)
    quarantine = typer.Typer(
        no_args_is_help=True, help="Items that were not understood, kept sealed with their raw bytes."
    )
    quarantine.command("list", epilog="Example: santiao quarantine list --json")(list_quarantined)
    quarantine.command("show", epilog="Example: santiao quarantine show q0123 --raw")(show_quarantined)
    quarantine.command("replay", epilog="Example: santiao quarantine replay --connector petitions --dry-run")(
        replay_quarantined
    )
    app.add_typer(quarantine, name="quarantine")
    letters = typer.Typer(
        no_args_is_help=True, help="What could not be decided or delivered, in order, with its cause."
    )
    letters.command("list", epilog="Example: santiao dead-letters list")(list_dead_letters)
    letters.command("show", epilog="Example: santiao dead-letters show 0123abcd")(show_dead_letter)
    letters.command("replay", epilog="Example: santiao dead-letters replay --dry-run")(replay_dead_letters)
    app.add_typer(letters, name="dead-letters")
    connectors = typer.Typer(no_args_is_help=True, help="Agencies' declarations.")
    connectors.command("check", epilog="Example: santiao connectors check police-110")(check_connectors)
    app.add_typer(connectors, name="connectors")


def receive(
    connector: Annotated[str, typer.Argument(help="Name of the connector, as police-110.")],
    sources: Annotated[
        list[str], typer.Argument(help="Folders, files or URLs, as the connector takes them.", metavar="SOURCE")
    ],
    json: JsonOption = False,
) -> None:
    """Read deliveries once, through the same path as live ones, and exit.

    Everything given is read, whatever the feed's watermark. Quarantined and refused items are counted, not errors.
    """
    from santiao.bootstrap import open_hub

    reasons = Reasons()
    with open_hub() as hub, output.progress_bar(connector, quiet=json) as bar:
        counts = hub.receive_once(connector, sources, bar.advance, reasons.hear)
    for line in reasons.lines():
        output.errors.print(line, highlight=False, markup=False, soft_wrap=True)
    if json:
        output.print_json(counts)
        return
    words = ("received", "accepted", "repeated", "quarantined", "refused", "blocked")
    output.print_table(words, [[getattr(counts, word) for word in words]], title=connector)


def simulate(
    disputes: Annotated[int, typer.Option(help="How many disputes the invented city has.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same city to the byte.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Write deliveries in the agencies' own forms, and truth.json, here.")
    ] = None,
    load: Annotated[bool, typer.Option("--load", help="Play the city straight into the hub.")] = False,
    json: JsonOption = False,
) -> None:
    """Invent a city: its agencies' deliveries, with all the hardships real ones have. Nobody in it exists."""
    from santiao.bootstrap import load_simulated, open_hub, simulate_city

    if (out is None) == (not load):
        raise typer.BadParameter("name --out DIR or --load, one of the two / 请在 --out 与 --load 中二选一")
    with output.progress_bar("simulate", disputes, quiet=json) as bar:
        summary: object
        if out is not None:
            summary = simulate_city(disputes, seed, out, bar.show)
        else:
            with open_hub() as hub:
                summary = load_simulated(hub, disputes, seed, bar.show)
    if json:
        output.print_json(summary)
    else:
        output.print_facts(summary)


def list_quarantined(
    connector: Annotated[str, typer.Option(help="Only of this connector.")] = "",
    code: Annotated[str, typer.Option(help="Only with this cause.")] = "",
    json: JsonOption = False,
) -> None:
    """List quarantined items, oldest first."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        items = hub.quarantine.find(connector, code)
    if json:
        output.print_json(items)
        return
    output.print_table(
        ("id", "connector", "where", "code", "path", "received", "tries"),
        [(item.id, item.connector, item.where, item.code, item.path, item.received_at, item.tries) for item in items],
    )


def show_quarantined(
    item: Annotated[str, typer.Argument(help="Id of the item.")],
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the item's own bytes to stdout; the look is recorded.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show why an item was quarantined and what to do; with --raw its bytes."""
    import sys

    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        if raw:
            sys.stdout.buffer.write(hub.quarantine.raw(item))
            return
        found = hub.quarantine.show(item)
    if json:
        output.print_json(found)
    else:
        output.people.print(
            f"{found.id}  {found.connector}  {found.where}\n{found.code} {found.path}\n{found.detail_zh}\n{found.detail}"
        )


def replay_quarantined(
    items: Annotated[
        list[str] | None, typer.Argument(help="Ids; all that match the filters when none is named.")
    ] = None,
    connector: Annotated[str, typer.Option(help="Only of this connector.")] = "",
    code: Annotated[str, typer.Option(help="Only with this cause.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how many would be tried; try none.")] = False,
    json: JsonOption = False,
) -> None:
    """Try quarantined items again after a mend; says how many of how many were taken."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub, output.progress_bar("replay", quiet=json) as bar:
        report = hub.quarantine.replay(items or [], connector=connector, code=code, dry_run=dry_run, progress=bar.show)
    if json:
        output.print_json(report)
    else:
        output.people.print(
            f"{report.taken} of {report.matched} taken, {report.left} left / 共 {report.matched} 条，成功 {report.taken} 条"
        )


AgencyOption = Annotated[str, typer.Option(help="Only of this agency.")]
KindOption = Annotated[
    str, typer.Option(help="Only `record` (could not be decided) or `feedback` (could not be delivered).")
]
CauseOption = Annotated[str, typer.Option(help="Only with a cause that begins so.")]


def list_dead_letters(
    agency: AgencyOption = "", kind: KindOption = "", cause: CauseOption = "", json: JsonOption = False
) -> None:
    """List records that could not be decided and feedback that could not be delivered, with their cause."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        letters = hub.dead_letters.find(agency, kind, cause)
    if json:
        output.print_json(letters)
        return
    output.print_table(
        ("id", "kind", "agency", "about", "cause", "since"),
        [(each.id, each.kind, each.agency, each.about, each.cause, each.since) for each in letters],
    )


def show_dead_letter(
    letter: Annotated[str, typer.Argument(help="Id of the letter.")], json: JsonOption = False
) -> None:
    """Show one dead letter."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        found = hub.dead_letters.show(letter)
    if json:
        output.print_json(found)
    else:
        output.people.print(found)


def replay_dead_letters(
    letters: Annotated[
        list[str] | None, typer.Argument(help="Ids; all that match the filters when none is named.")
    ] = None,
    agency: AgencyOption = "",
    kind: KindOption = "",
    cause: CauseOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell how many would be tried; try none.")] = False,
    json: JsonOption = False,
) -> None:
    """Decide parked records again, in order, or deliver again; says how many of how many."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub, output.progress_bar("replay", quiet=json) as bar:
        report = hub.dead_letters.replay(
            letters or [], agency=agency, kind=kind, cause=cause, dry_run=dry_run, progress=bar.show
        )
    if json:
        output.print_json(report)
    else:
        output.people.print(
            f"{report.taken} of {report.matched} taken, {report.left} left / 共 {report.matched} 条，成功 {report.taken} 条"
        )


def check_connectors(
    name: Annotated[str, typer.Argument(help="Only this connector.")] = "",
    json: JsonOption = False,
) -> None:
    """Read each connector's samples and compare with the expected results; exit 1 with the reason when one differs."""
    from santiao.bootstrap import check_declarations

    report = check_declarations(name or None)
    if json:
        output.print_json(report)
    else:
        for line in report.lines():
            output.people.print(line, highlight=False)
    if not report.is_good:
        raise typer.Exit(1)
