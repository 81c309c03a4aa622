"""Reading pages as tests need it: their forms, their rows, and which looks at a case were recorded."""

import re

import httpx

from santiao.pool.disclosures import Disclosure
from tests.console.home import ConsoleHome


def form_of(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to an address ending so."""
    part = next(part for part in html.split("<form")[1:] if re.search(f'action="[^"]*{action}["#]', part.split(">")[0]))
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part.split("</form>")[0])
    return dict(hidden)


def open_form(client: httpx.Client, case_no: str, action: str) -> dict[str, str]:
    answer = client.get(f"/cases/{case_no}?do={action}")
    assert answer.status_code == 200
    return form_of(answer.text, f"/{action}")


def looks_of(home: ConsoleHome, case_id: str) -> set[str]:
    return {each.id for each in home.hub.access.disclosures.who_has_seen(case_id)}


def looks_since(home: ConsoleHome, case_id: str, before: set[str]) -> list[Disclosure]:
    return [each for each in home.hub.access.disclosures.who_has_seen(case_id) if each.id not in before]


def rows_of(html: str) -> list[str]:
    return re.findall(r'<tr data-case="([0-9a-z]{26})"', html)
