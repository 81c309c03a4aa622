"""Commands about cases and links."""

from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption

JsonLinesOption = Annotated[bool, typer.Option("--json-lines", help="Print one JSON object per line on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    app.command("cases", epilog="Example: santiao cases --all --json-lines")(list_cases)
    app.command("batches", epilog="Example: santiao batches --json-lines")(list_batches)
    app.command("designations", epilog="Example: santiao designations --json-lines")(list_designations)
    app.command("links", epilog="Example: santiao links --json-lines")(list_links)
    case = typer.Typer(no_args_is_help=True, help="One case.")
    case.command("show", epilog="Example: santiao case show SD202603123403020000017 --as-of 2026-03-15")(show_case)
    app.add_typer(case, name="case")


def list_cases(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too; never those merged away.")] = False,
    json_lines: JsonLinesOption = False,
) -> None:
    """List the open cases with their sources."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        hub.catch_up()
        cases = hub.list_cases(everything=everything)
        if json_lines:
            output.print_json_lines(cases)
            return
        output.print_table(
            ("case_no", "status", "type", "region", "risk", "opened", "sources"),
            [
                (
                    case.case_no,
                    output.name_code("status", case.status),
                    output.name_code("dispute_type", case.dispute_type),
                    case.region,
                    output.name_code("risk", case.risk),
                    case.opened_at[:10],
                    len(case.sources),
                )
                for case in cases
            ],
        )


def list_batches(json_lines: JsonLinesOption = False) -> None:
    """List parent batches 群体: disputes of more sources than one case may hold, each with its child cases."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        hub.catch_up()
        batches = hub.list_batches()
    if json_lines:
        output.print_json_lines(batches)
        return
    output.print_table(
        ("batch_no", "formed", "cases", "sources", "children"),
        [
            (
                each.batch_no,
                each.formed_at[:10],
                len(each.cases),
                each.sources,
                ", ".join(c.case_no for c in each.cases),
            )
            for each in batches
        ],
    )


def list_designations(json_lines: JsonLinesOption = False) -> None:
    """List the routing rules 指定规则 that named persons' decisions became after a second bounce, the newest first."""
    from santiao.bootstrap import list_all_designations, open_hub

    with open_hub() as hub:
        rules = list_all_designations(hub)
    if json_lines:
        output.print_json_lines(rules)
        return
    output.print_table(
        ("rule", "disputes", "body", "from", "until", "decided by"),
        [
            (
                each.rule,
                " ".join((*each.dispute_types, *each.regions, *each.agencies)),
                each.body,
                each.effective_from,
                each.effective_to,
                each.officer,
            )
            for each in rules
        ],
    )


def list_links(json_lines: JsonLinesOption = False) -> None:
    """List what stands between sources: accepted, proposed, rejected and dissolved links, with score and reasons."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        hub.catch_up()
        links = hub.list_links()
        if json_lines:
            output.print_json_lines(links)
            return
        output.print_table(
            ("a", "b", "state", "by", "score", "reasons"),
            [
                (
                    f"{each.a.agency} {each.a.key}",
                    f"{each.b.agency} {each.b.key}",
                    each.state,
                    each.by,
                    each.score,
                    ", ".join(each.reasons),
                )
                for each in links
            ],
        )


def show_case(
    case: Annotated[str, typer.Argument(help="A case_id, an alias, or a case_no.")],
    as_of: Annotated[str, typer.Option(help="As it was recorded then: a time with offset, or a date (its end).")] = "",
    json: JsonOption = False,
) -> None:
    """Show a case with its timeline and deadlines."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        hub.catch_up()
        found = hub.show_case(case, as_of or None)
    if json:
        output.print_json(found)
        return
    head = found.case
    words = (("status", head.status), ("dispute_type", head.dispute_type), ("risk", head.risk))
    told = "  ".join(output.name_code(labels, code) for labels, code in words)
    output.people.print(f"[bold]{head.case_no}[/bold]  {head.region}  {told}", highlight=False)
    output.print_table(
        ("agency", "key", "state", "gates"), [(s.agency, s.key, s.state, ", ".join(s.gates)) for s in head.sources]
    )
    output.print_table(
        ("position", "occurred", "recorded", "event"),
        [(t.position, t.occurred_at, t.recorded_at, output.name_code("event", t.type)) for t in found.timeline],
    )
    if found.deadlines:
        output.print_table(
            ("rule", "start", "end", "state", "source"),
            [(d.rule, d.start, d.effective_end, d.state, d.source) for d in found.deadlines],
        )
