"""The reverse mapping (回填): what the hub tells an agency, in the agency's own columns, codes and form.

The rule kept here: the declaration's `render` decides everything; a hub code that it does not name is told by the agency's word for the
nearest stage and never invented. Rendered bytes are what is sent; signing and sending are the delivery room's.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from xml.sax.saxutils import escape

import msgspec

from santiao.connectors.converters.times import SHANGHAI
from santiao.connectors.declaration import Declaration, RenderRule


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed to a source: how its dispute stands at the hub.

    `key` is the source's key as the agency knows it, `stage` a word of the referral or mediation (accepted, declined, returned,
    mediating, agreed, failed, closed), `outcome` a code of `hub.outcome@1` where it ended, `body` who handled it.
    """

    key: str
    stage: str
    at: datetime
    outcome: str = ""
    text: str = ""
    body: str = ""
    case_no: str = ""
    referral_no: str = ""


class Rendered(msgspec.Struct, frozen=True):
    """The bytes to send and what they are; `table` names the table or element they belong to."""

    data: bytes
    content_type: str
    table: str = ""


class CannotRender(Exception):
    """The connector's declaration says nothing of what it is told; the message names the mend."""


def render(declaration: Declaration, feedback: Iterable[Feedback]) -> Rendered:
    """Write feedback in the agency's own form.

    Raises:
        CannotRender: the declaration has no `render`, or an unknown form.
    """
    rule = declaration.render
    if rule is None:
        raise CannotRender(f"{declaration.name} declares no `render`; add it to its connector.yaml. 声明缺少 render。")
    rows = [row_of(rule, each) for each in feedback]
    if rule.form == "json":
        body: object = rows[0] if len(rows) == 1 else rows
        return Rendered(msgspec.json.encode(body), "application/json;charset=UTF-8", rule.table)
    if rule.form == "xml":
        return Rendered(_as_xml(rule, rows), f"application/xml;charset={rule.charset}", rule.element)
    if rule.form == "csv":
        return Rendered(_as_csv(rule, rows), f"text/csv;charset={rule.charset}", rule.table)
    raise CannotRender(f"{declaration.name} declares the form {rule.form!r}; use json, xml or csv. 不支持的回填格式。")


def row_of(rule: RenderRule, feedback: Feedback) -> dict[str, str]:
    """One answer by the agency's columns."""
    told: Mapping[str, str] = {
        "key": feedback.key,
        "stage": rule.stages.get(feedback.stage, feedback.stage),
        "outcome": rule.outcomes.get(feedback.outcome, "") if feedback.outcome else "",
        "text": feedback.text,
        "body": feedback.body,
        "at": feedback.at.astimezone(SHANGHAI).strftime(rule.times),
        "case_no": feedback.case_no,
        "referral_no": feedback.referral_no,
    }
    return {
        column: value[1:] if value.startswith("=") else told.get(value, "") for column, value in rule.columns.items()
    }


def _as_xml(rule: RenderRule, rows: list[dict[str, str]]) -> bytes:
    element = rule.element or "item"
    lines = [f'<?xml version="1.0" encoding="{rule.charset.upper()}"?>', f'<{element}List total="{len(rows)}">']
    for row in rows:
        members = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
        lines.append(f" <{element}>{members}</{element}>")
    lines.append(f"</{element}List>")
    return "\n".join(lines).encode(rule.charset, errors="xmlcharrefreplace")


def _as_csv(rule: RenderRule, rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rule.columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _defused(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode(rule.charset, errors="replace")


def _defused(value: str) -> str:
    """A cell that a spreadsheet would take for a formula is written as text."""
    return f"'{value}" if value[:1] in {"=", "+", "@", "\t"} else value
