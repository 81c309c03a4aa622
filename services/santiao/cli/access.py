"""Commands about who may call: agencies, keys, people. System, audit and security duties are separate people (三员分立)."""

from typing import Annotated, Any

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    agencies = typer.Typer(no_args_is_help=True, help="Partner agencies.")
    agencies.command("add", epilog="Example: santiao agencies add court --name 蚌埠市龙子湖区人民法院")(add_agency)
    agencies.command("list", epilog="Example: santiao agencies list")(list_agencies)
    app.add_typer(agencies, name="agencies")
    keys = typer.Typer(no_args_is_help=True, help="Agencies' keys.")
    keys.command("issue", epilog="Example: santiao keys issue court --json")(issue_key)
    keys.command("revoke", epilog="Example: santiao keys revoke K0123456789")(revoke_key)
    app.add_typer(keys, name="keys")
    people = typer.Typer(no_args_is_help=True, help="People and their roles.")
    people.command("add", epilog="Example: santiao people add 调度员甲 --org mediation-centre --role dispatcher")(
        add_person
    )
    people.command("list", epilog="Example: santiao people list")(list_people)
    app.add_typer(people, name="people")


def add_agency(
    agency: Annotated[str, typer.Argument(help="Short id, as court; a connector's name where the agency has one.")],
    name: Annotated[str, typer.Option(help="Full name.")] = "",
    json: JsonOption = False,
) -> None:
    """Add a partner agency. It may do nothing until it has a key."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        known = next((each.name for each in hub.registry.agencies() if each.agency == agency), agency)
        added = hub.registry.add_agency(agency, name or known)
    _tell(added, json=json)


def list_agencies(json: JsonOption = False) -> None:
    """List partner agencies and their keys' ids."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        found = hub.registry.agencies()
    if json:
        output.print_json(found)
    else:
        output.print_table(
            ("agency", "name", "keys"), [(each.agency, each.name, ", ".join(each.key_ids)) for each in found]
        )


def issue_key(agency: Annotated[str, typer.Argument(help="The agency's id.")], json: JsonOption = False) -> None:
    """Issue a key to an agency. It is printed once and never again; two may overlap while one is replaced."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        issued = hub.registry.issue_key(agency)
    _tell(issued, json=json)


def revoke_key(key_id: Annotated[str, typer.Argument(help="Id of the key.")], json: JsonOption = False) -> None:
    """Revoke a key; it is refused from the next request on."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        hub.registry.revoke_key(key_id)
    _tell({"key_id": key_id, "revoked": True}, json=json)


def add_person(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    org: Annotated[str, typer.Option(help="Where she works: an agency, or a body of the city's directory.")],
    role: Annotated[
        str, typer.Option(help="dispatcher, supervisor, mediator; auditor, operator or security (one of these only).")
    ],
    json: JsonOption = False,
) -> None:
    """Add a person; prints once the id and the password for the console."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        added = hub.registry.add_person(name, org, role)
    _tell(added, json=json)


def list_people(json: JsonOption = False) -> None:
    """List people and their roles."""
    from santiao.bootstrap import open_hub

    with open_hub() as hub:
        found = hub.registry.people()
    if json:
        output.print_json(found)
    else:
        output.print_table(
            ("id", "name", "org", "role"), [(each.person_id, each.name, each.org, each.role) for each in found]
        )


def _tell(value: Any, *, json: bool) -> None:
    if json:
        output.print_json(value)
    else:
        output.print_facts(value)
