"""Commands about law as data and schemas: deadline, schemas."""

from typing import Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    app.command(epilog="Example: santiao deadline JC.APPLY.30D 2026-01-16 --json")(deadline)
    schemas = typer.Typer(no_args_is_help=True, help="The Avro schemas of records and events.")
    schemas.command("check", epilog="Example: santiao schemas check")(check_schemas)
    schemas.command("generate", epilog="Example: santiao schemas generate")(generate_schemas)
    app.add_typer(schemas, name="schemas")


def deadline(
    rule: Annotated[str, typer.Argument(help="Rule id, as JC.APPLY.30D; docs/rules.md lists them.")],
    start: Annotated[str, typer.Argument(help="A date, or a time with offset.")],
    region: Annotated[str, typer.Option(help="Six-digit division code: adds local rules and days off.")] = "",
    json: JsonOption = False,
) -> None:
    """Compute one deadline by its rule: natural and effective end, legal source and calendar trace."""
    from santiao.bootstrap import compute_one_deadline

    answer = compute_one_deadline(rule, start, region or None)
    if json:
        output.print_json(answer)
        return
    flag = "  (provisional 暂定)" if answer.provisional else ""
    output.people.print(f"{answer.rule}: {answer.start} → [bold]{answer.effective_end}[/bold]{flag}\n{answer.source}")
    for line in answer.trace:
        output.people.print(f"  {line}", highlight=False)


def check_schemas(json: JsonOption = False) -> None:
    """Judge every schema version against every other, in both directions; exit 1 with the reason."""
    from santiao.bootstrap import check_all_schemas

    report = check_all_schemas()
    if json:
        output.print_json(report)
    else:
        for line in report.lines():
            output.people.print(line, highlight=False)
    if not report.is_good:
        raise typer.Exit(1)


def generate_schemas() -> None:
    """Write the schema files from the event types; released versions never change."""
    from santiao.bootstrap import generate_all_schemas

    for path in generate_all_schemas():
        output.people.print(str(path), highlight=False)
