"""The rulebook (规则库): all that a city decides by, as one frozen value, named by the hash of its content.

Clocks, calendars, gates, risks, routes and bodies are read together and checked against each other; events store the version, so that a
reader can say which rules a decision was made under.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator

import msgspec

from santiao.domain.calendar import WorkCalendar
from santiao.domain.directory import Body
from santiao.domain.errors import Rejection
from santiao.domain.gates import GateBook
from santiao.domain.phrases import Wording, check_phrases
from santiao.domain.risks import RiskBook
from santiao.domain.routing import RoutingBook
from santiao.domain.rules import CLOCK_UNITS, Nature, Rule, Unit
from santiao.domain.wording import Condition


class Rulebook(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Everything a city decides by. Compared by identity, so that look-ups can be remembered; `version` says whether two are the same."""

    version: str
    rules: tuple[Rule, ...]
    calendar: WorkCalendar
    gates: GateBook
    risks: RiskBook
    routing: RoutingBook
    bodies: tuple[Body, ...]


class Mistake(msgspec.Struct, frozen=True):
    """A fault in the data: which table, which row, which field, what is wrong, and how to mend it."""

    table: str
    row: str
    field: str
    problem: str
    mend: str


def make_rulebook(
    rules: tuple[Rule, ...],
    calendar: WorkCalendar,
    gates: GateBook,
    risks: RiskBook,
    routing: RoutingBook,
    bodies: tuple[Body, ...],
) -> Rulebook:
    """The rulebook of these tables; its version is the hash of their content, in the order given."""
    content = msgspec.json.encode((rules, calendar, gates, risks, routing, bodies), order="deterministic")
    version = "rb-" + hashlib.sha256(content).hexdigest()[:16]
    return Rulebook(
        version=version, rules=rules, calendar=calendar, gates=gates, risks=risks, routing=routing, bodies=bodies
    )


def mistakes_of(book: Rulebook) -> tuple[Mistake, ...]:
    """Every fault that only shows when the tables are read together; empty for a sound rulebook."""
    return (
        *_rule_mistakes(book.rules),
        *_gate_mistakes(book.gates),
        *_risk_mistakes(book.risks),
        *_routing_mistakes(book),
        *_body_mistakes(book.bodies),
        *_calendar_mistakes(book.calendar),
    )


def _twice(table: str, field: str, names: Iterator[str]) -> Iterator[Mistake]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Mistake(table, name, field, f"appears {count} times", "give every row a name of its own")


def _rule_mistakes(rules: tuple[Rule, ...]) -> Iterator[Mistake]:
    yield from _twice("rules", "rule_id@version", (rule.reference for rule in rules))
    names = {rule.reference for rule in rules}
    ids = {rule.rule_id for rule in rules}
    for rule in rules:
        yield from _one_rule(rule)
        for other in rule.supersedes:
            if other not in names:
                yield Mistake("rules", rule.reference, "supersedes", f"{other} is no row", "name a rule_id@version")
        for alias in rule.aliases:
            if alias in ids:
                yield Mistake("rules", rule.reference, "aliases", f"{alias} is a rule of its own", "drop the alias")


def _one_rule(rule: Rule) -> Iterator[Mistake]:
    if rule.length < 0 or (rule.length == 0 and rule.unit is not Unit.CALENDAR_DAY):
        yield Mistake("rules", rule.reference, "length", f"is {rule.length}", "write a number of 1 or more")
    if rule.effective_to is not None and rule.effective_to < rule.effective_from:
        yield Mistake("rules", rule.reference, "effective_to", "lies before effective_from", "correct one of the dates")
    if rule.roll_forward and (rule.unit in CLOCK_UNITS or rule.unit is Unit.WORKING_DAY):
        yield Mistake("rules", rule.reference, "roll_forward", f"means nothing in {rule.unit}", "write false")
    working = rule.unit is Unit.WORKING_DAY
    if rule.extension is not None and working != (rule.extension.unit is Unit.WORKING_DAY):
        yield Mistake(
            "rules", rule.reference, "extension.unit", "does not match the rule's", "use the same kind of day"
        )
    lead = rule.warn_before
    if lead is not None and (rule.unit in CLOCK_UNITS) != (lead.unit in CLOCK_UNITS):
        yield Mistake("rules", rule.reference, "warn_before.unit", "does not match the rule's", "hours for hours")
    if rule.nature is Nature.PARTY_RIGHT and rule.on_expiry_is_system_action:
        yield Mistake("rules", rule.reference, "on_expiry_is_system_action", "a right is lost by law", "write false")


def _conditions(name: str, table: str, says: Condition | None, wording: Wording) -> Iterator[Mistake]:
    if says is None:
        return
    for field in says.__struct_fields__:
        try:
            check_phrases(wording, getattr(says, field))
        except Rejection as bad:
            yield Mistake(table, name, f"says.{field}", bad.detail, "correct the phrase or add the list")


def _gate_mistakes(book: GateBook) -> Iterator[Mistake]:
    yield from _twice("gates", "gate", (gate.gate for gate in book.gates))
    yield from _twice("gates", "id", (rule.id for rule in book.rules))
    known = {gate.gate for gate in book.gates}
    try:
        check_phrases(book.wording, book.wording.harmless)
    except Rejection as bad:
        yield Mistake("gates", "harmless", "", bad.detail, "correct the phrase")
    for rule in book.rules:
        for gate in (rule.gate, *rule.yields_to):
            if gate not in known:
                yield Mistake("gates", rule.id, "gate", f"{gate} is no gate", "name one of the gates above")
        yield from _conditions(rule.id, "gates", rule.says, book.wording)


def _risk_mistakes(book: RiskBook) -> Iterator[Mistake]:
    yield from _twice("routing", "risks.id", (rule.id for rule in book.rules))
    for rule in book.rules:
        yield from _conditions(rule.id, "routing", rule.says, book.wording)


def _routing_mistakes(book: Rulebook) -> Iterator[Mistake]:
    ids = {name for rule in book.rules for name in (rule.rule_id, *rule.aliases)}
    routing = book.routing
    names = [row.id for row in routing.routes] + [e.id for e in routing.edges] + [c.id for c in routing.climbs]
    yield from _twice("routing", "id", iter(names))
    bodies = {body.id for body in book.bodies}
    periods = [(row.id, row.mediation_rule) for row in routing.routes]
    periods += [(step.id, step.mediation_rule) for step in routing.climbs]
    for name, period in periods:
        if period not in ids:
            yield Mistake("routing", name, "mediation_rule", f"{period} is no rule", "see docs/rules.md")
    for route in routing.routes:
        if route.body and route.body not in bodies:
            yield Mistake("routing", route.id, "body", f"{route.body} is no body", "name one of directory.yaml")
    for edge in routing.edges:
        named = {
            "hub_accept_rule": edge.hub_accept_rule,
            "legal_accept_rule": edge.legal_accept_rule,
            "return_rule": edge.return_rule,
            "feedback_rule": edge.feedback_rule,
            "origin_rule": edge.origin_rule,
        }
        for field, rule in named.items():
            if rule is not None and rule not in ids:
                yield Mistake("routing", edge.id, field, f"{rule} is no rule", "see docs/rules.md")


def _body_mistakes(bodies: tuple[Body, ...]) -> Iterator[Mistake]:
    yield from _twice("directory", "id", (body.id for body in bodies))
    for body in bodies:
        if len(body.region) != 6 or not body.region.isdigit():
            yield Mistake("directory", body.id, "region", "is not six digits", "write the division code in quotes")


def _calendar_mistakes(calendar: WorkCalendar) -> Iterator[Mistake]:
    yield from _twice("calendars", "region-year", (f"{table.region}-{table.year}" for table in calendar.tables))
    for table in calendar.tables:
        for day in table.days:
            if day.date.year != table.year:
                yield Mistake("calendars", table.label, "days", f"{day.date} is of another year", "move it to its year")
        yield from _twice("calendars", f"{table.label} days", (str(day.date) for day in table.days))


def render_rules(book: Rulebook) -> str:
    """The page `docs/rules.md`: every clock with its ids, length, text and dates, grouped by the row it stands under."""
    lines = [_HEAD]
    for domain in dict.fromkeys(rule.domain for rule in book.rules):
        lines += [f"\n## {domain}\n", "| row | id | version | length | starts with | text | in force | where | mark |"]
        lines.append("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for rule in (one for one in book.rules if one.domain == domain):
            names = "<br>".join((f"**{rule.rule_id}**", *rule.aliases))
            until = f"{rule.effective_from} – {rule.effective_to or ''}".strip()
            cells = (
                rule.row or rule.rule_id,
                names,
                rule.version,
                _length(rule),
                rule.clock_start_event,
                f"{rule.name}: {rule.source}",
                until,
                rule.jurisdiction,
                rule.confidence,
            )
            lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _length(rule: Rule) -> str:
    text = f"{rule.length} {rule.unit}"
    if rule.direction == "before":
        text += " before"
    more = rule.extension
    if more is not None:
        text += f" (+{more.max_length or 'any'} {more.unit}, {more.by})"
    return text


_HEAD = """# The law's clocks

This page is made from `deploy/city/rules/*.yaml` by `render_rules`; change the data, not the page.

`santiao deadline ID START [--region R]` computes one of them. Ids in bold are the rules, those below them are other names they
answer to. A *row* is the family under which several lengths of one text stand. Mark: S seen in a text, K known and not verified,
D our own default without legal force. A row holds in its place (*where*) on the days it is in force; a changed text is a new
version, never an edited one.

How phrases in `gates.yaml` and `routing.yaml` are written: `a|b` one of these words, `<list>` a word of that list, `~6` up to six
characters of the same clause, `~~20` up to twenty of the same sentence, `{n}` a number, `{age:0-17}` an age in years, `{court:list}`
a court's case number whose type word is in the list, `{!ab}` not after one of these characters, `@group` all phrases of that group."""
