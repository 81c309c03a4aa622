"""The rulebook as a whole: every fixed length of the law has its row, the page of rules is current, and mistakes between tables show."""

import datetime as dt

import msgspec
import pytest

from santiao.domain.deadlines import select_rule
from santiao.domain.rulebook import Rulebook, make_rulebook, mistakes_of, render_rules
from santiao.domain.rules import Confidence, Layer, Lead, Rule, Unit
from santiao.store.resources import checkout_root

# Ids that others ask by, family by family, with what they count.
LENGTHS = {
    "PM.MEDIATE.1M": (1, "month"),
    "PM.MEDIATE.30D.SZ": (30, "calendar_day"),
    "PM.ACCEPT": (3, "working_day"),
    "PM.RISK.REPORT": (24, "hour"),
    "PM.CONFIRM.30D": (30, "calendar_day"),
    "PM.PERFORM.MONITOR": (7, "calendar_day"),
    "PM.RECHECK.ENF": (2, "year"),
    "CT.REGISTER.7D": (7, "calendar_day"),
    "CT.POST.WT.15D": (15, "calendar_day"),
    "CT.POST.WT.7D": (7, "calendar_day"),
    "CT.POST.PREANSWER.15D": (15, "calendar_day"),
    "CT.POST.PREANSWER.7D": (7, "calendar_day"),
    "CT.CHOOSE.2WD": (2, "working_day"),
    "CT.APPOINT.3WD": (3, "working_day"),
    "CT.ACCEPT.3WD": (3, "working_day"),
    "CT.CONTACT.3WD": (3, "working_day"),
    "CT.LEGACY.JY": (30, "calendar_day"),
    "JC.APPLY.30D": (30, "calendar_day"),
    "JC.ACCEPT.3D": (3, "calendar_day"),
    "JC.DECIDE.15D": (15, "calendar_day"),
    "JC.DECIDE.30D": (30, "calendar_day"),
    "JC.OBJ.15D": (15, "calendar_day"),
    "JC.OBJ.6M": (6, "month"),
    "PO.WRONGUNIT.24H": (24, "hour"),
    "PO.CASE.30D": (30, "calendar_day"),
    "PO.MED.ONCE": (7, "working_day"),
    "H.HS.12H": (12, "hour"),
    "H.XY.24H": (24, "hour"),
    "H.XY.5D": (5, "calendar_day"),
    "H.LC": (30, "minute"),
    "H.ZJJ": (3, "minute"),
    "XF.DISPATCH.15D": (15, "calendar_day"),
    "XF.TELL.15D": (15, "calendar_day"),
    "XF.OBJECT.5WD": (5, "working_day"),
    "XF.HANDLE.60D": (60, "calendar_day"),
    "XF.REVIEW.30D": (30, "calendar_day"),
    "XF.REVIEW.ANSWER.30D": (30, "calendar_day"),
    "XF.RECHECK.30D": (30, "calendar_day"),
    "XF.RECHECK.ANSWER.30D": (30, "calendar_day"),
    "XF.SIMPLE.3WD": (3, "working_day"),
    "XF.SIMPLE.10WD": (10, "working_day"),
    "LB.MED.15D": (15, "calendar_day"),
    "LB.PAYORDER.5D": (5, "calendar_day"),
    "LB.PAYORDER.15D": (15, "calendar_day"),
    "LB.ARB.1Y": (1, "year"),
    "LB.ARB.WAGE": (1, "year"),
    "LB.ARB.ACCEPT": (5, "working_day"),
    "LB.ARB.SERVE": (5, "working_day"),
    "LB.ARB.ANSWER": (10, "working_day"),
    "LB.ARB.45D": (45, "calendar_day"),
    "LB.ARB.SIMPLE.ZJ": (30, "calendar_day"),
    "LB.SUE.15D": (15, "calendar_day"),
    "LB.ANNUL.30D": (30, "calendar_day"),
    "LB.REVIEW.15D": (15, "calendar_day"),
    "LB.REVIEW.ACCEPT": (5, "working_day"),
    "LB.REVIEW.DECIDE": (10, "working_day"),
    "LB.JC.PM": (30, "calendar_day"),
    "AM.ACCEPT.5WD": (5, "working_day"),
    "AM.ACCEPT.10WD": (10, "working_day"),
    "AM.TRANSFER.3WD": (3, "working_day"),
    "AM.MED.30D": (30, "calendar_day"),
    "AM.MED.20WD": (20, "working_day"),
    "MK.ACCEPT.7WD": (7, "working_day"),
    "MK.MED.45WD": (45, "working_day"),
    "MK.CLUE.15WD": (15, "working_day"),
    "TR.APPLY.10D": (10, "calendar_day"),
    "TR.MED.10D": (10, "calendar_day"),
    "TR.NOTICE.3D": (3, "calendar_day"),
    "TR.NOTICE.1D": (1, "calendar_day"),
    "TR.PM2POLICE.3D": (3, "calendar_day"),
    "MD.PM.30WD": (30, "working_day"),
    "MD.ADM.5WD": (5, "working_day"),
    "MD.ADM.30WD": (30, "working_day"),
    "LA.ARB.LAND.2Y": (2, "year"),
    "LA.ARB.LAND.60D": (60, "calendar_day"),
    "LA.ARB.LAND.30D": (30, "calendar_day"),
    "AR.RECON.60D": (60, "calendar_day"),
    "AR.RECON.5WD": (5, "working_day"),
    "AR.RECON.30D": (30, "calendar_day"),
    "LM.30D": (30, "calendar_day"),
    "LG.REVIEW.7D": (7, "calendar_day"),
    "LG.ASSIGN.3D": (3, "calendar_day"),
    "LG.OBJ.5D": (5, "calendar_day"),
    "LG.DETAINEE.24H": (24, "hour"),
    "LG.CRIM.3D": (3, "calendar_day"),
    "HL.HANDLE.5WD": (5, "working_day"),
    "HL.RETURN.2WD": (2, "working_day"),
    "HL.BUREAU.3WD": (3, "working_day"),
    "HL.BUREAU.13WD": (13, "working_day"),
    "HL.SIGN.1WD": (1, "working_day"),
    "HL.SIGN.2WD": (2, "working_day"),
    "HL.SIGN.5WD": (5, "working_day"),
    "HL.NAT.5WD": (5, "working_day"),
    "HL.NAT.10WD": (10, "working_day"),
    "HL.NAT.15WD": (15, "working_day"),
    "348.FWD.1WD": (1, "working_day"),
    "348.URGENT.1H": (1, "hour"),
    "348.RESULT.5WD": (5, "working_day"),
    "348.UNSAT.1WD": (1, "working_day"),
}


@pytest.mark.parametrize("rule_id", LENGTHS)
def test_every_fixed_length_has_its_row_with_text_and_mark(book: Rulebook, rule_id: str) -> None:
    rule = select_rule(book, rule_id, dt.date(2026, 3, 2))
    assert (rule.length, rule.unit) == LENGTHS[rule_id]
    assert rule.source_text
    assert rule.confidence in Confidence


def test_an_id_that_ends_in_a_length_tells_the_truth(book: Rulebook) -> None:
    units = {"D": Unit.CALENDAR_DAY, "WD": Unit.WORKING_DAY, "H": Unit.HOUR, "M": Unit.MONTH, "Y": Unit.YEAR}
    for rule in book.rules:
        last = rule.rule_id.rsplit(".", 1)[-1]
        digits = last.rstrip("DWHMY")
        unit = units.get(last.removeprefix(digits))
        if digits.isdigit() and unit is not None and rule.effective_to is None:
            assert (rule.length, rule.unit) == (int(digits), unit), rule.reference


def test_defaults_are_marked_as_our_own(book: Rulebook) -> None:
    assert all((rule.layer is Layer.DEFAULT) == (rule.confidence is Confidence.DEFAULT) for rule in book.rules)


def test_the_page_of_rules_is_what_the_data_says(book: Rulebook) -> None:
    root = checkout_root()
    assert root is not None
    page = root / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == render_rules(book), "write the page anew: make docs"


def test_the_shipped_data_have_no_mistakes(book: Rulebook) -> None:
    assert mistakes_of(book) == ()


def remade(book: Rulebook, *rules: Rule) -> Rulebook:
    return make_rulebook((*book.rules, *rules), book.calendar, book.gates, book.risks, book.routing, book.bodies)


def test_the_version_follows_the_content(book: Rulebook) -> None:
    assert remade(book).version == book.version
    other = msgspec.structs.replace(book.rules[0], rule_id="PM.OTHER", aliases=())
    assert remade(book, other).version != book.version


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, "rule_id@version"),
        ({"rule_id": "X.1", "aliases": (), "length": 0}, "length"),
        ({"rule_id": "X.1", "aliases": (), "supersedes": ("X.9@1",)}, "supersedes"),
        ({"rule_id": "X.1", "aliases": ("XF.HANDLE.60D",)}, "aliases"),
        ({"rule_id": "X.1", "aliases": (), "effective_to": dt.date(1999, 1, 1)}, "effective_to"),
        ({"rule_id": "X.1", "aliases": (), "unit": Unit.WORKING_DAY}, "roll_forward"),
        ({"rule_id": "X.1", "aliases": (), "warn_before": Lead(2, Unit.HOUR)}, "warn_before.unit"),
    ],
)
def test_a_mistake_names_row_field_and_mend(book: Rulebook, changed: dict[str, object], field: str) -> None:
    row = msgspec.structs.replace(select_rule(book, "PM.MEDIATE.1M", dt.date(2026, 3, 2)), **changed)
    found = mistakes_of(remade(book, row))
    assert field in {mistake.field for mistake in found}
    assert all(mistake.row and mistake.mend for mistake in found)


def test_a_route_to_a_rule_or_body_that_is_not_there_shows(book: Rulebook) -> None:
    first = msgspec.structs.replace(book.routing.routes[0], mediation_rule="NO.RULE", body="nobody")
    edge = msgspec.structs.replace(book.routing.edges[0], feedback_rule="NO.RULE")
    routing = msgspec.structs.replace(
        book.routing, routes=(first, *book.routing.routes[1:]), edges=(edge, *book.routing.edges[1:])
    )
    found = mistakes_of(make_rulebook(book.rules, book.calendar, book.gates, book.risks, routing, book.bodies))
    assert {mistake.field for mistake in found} == {"mediation_rule", "body", "feedback_rule"}


def test_a_gate_rule_of_no_gate_and_an_unreadable_phrase_show(book: Rulebook) -> None:
    rule = book.gates.rules[2]
    assert rule.says is not None
    broken = msgspec.structs.replace(rule, gate="G99", says=msgspec.structs.replace(rule.says, any_of=("<nobody>",)))
    gates = msgspec.structs.replace(book.gates, rules=(broken,))
    found = mistakes_of(make_rulebook(book.rules, book.calendar, gates, book.risks, book.routing, book.bodies))
    assert {mistake.field for mistake in found} == {"gate", "says.any_of"}
