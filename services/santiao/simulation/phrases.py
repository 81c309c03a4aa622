"""Telling: turns a file in the making into the sentences its agency would write down, in one of many ways."""

from santiao.simulation.chance import Chance
from santiao.simulation.disputes import Dispute
from santiao.simulation.firms import Firm
from santiao.simulation.journeys import Quote, Telling
from santiao.simulation.kinds import load_gates, load_narrative
from santiao.simulation.people import MALE, Person, load_names
from santiao.simulation.settings import SimulationSettings

TURN_RATES = {"police-110": 0.025, "hotline-12345": 0.015, "petitions": 0.03}
"""How often a dispute takes a turn that must not be diverted, by who hears of it."""
VIOLENT = frozenset({"divorce"})
"""Kinds in which the police may meet domestic violence."""


class Storyteller:
    """Words for files. Sets on a file what its words make of it: a gate, a near miss, a broken reference."""

    def __init__(self, settings: SimulationSettings, chance: Chance) -> None:
        self._settings = settings
        self._chance = chance
        self._gates = load_gates()
        self._words = load_narrative()

    def police(self, file: Telling) -> str:
        c, words = self._chance, self._words
        if file.words:
            return self._open(c.pick(words.police_opening), file, file.words) + c.pick(words.police_closing)
        dispute = file.dispute
        assert dispute is not None
        if file.repeat_of is not None:
            return c.pick(words.police_repeat)
        if file.side == "B":
            core = self._fill(c.pick(dispute.kind.texts.police_b or dispute.kind.texts.police), dispute, reversed_=True)
            return self._open(c.pick(words.police_opening), file, core) + self._quoted(file, "，")
        core = self._fill(c.pick(dispute.kind.texts.police), dispute) + self._turn(file, "police")
        core = self._near_miss(file, core)
        text = self._open(c.pick(words.police_opening), file, core)
        if c.hits(0.28):
            text += c.pick(words.police_counterpart).format(b=self._counterpart(dispute))
        return text + c.pick(words.police_closing) + self._quoted(file, "，")

    def hotline(self, file: Telling) -> str:
        c, words = self._chance, self._words
        if file.words:
            return c.pick(words.hotline_opening).format(x=file.words)
        dispute = file.dispute
        assert dispute is not None
        core = self._near_miss(file, self._fill(c.pick(dispute.kind.texts.hotline), dispute))
        core += self._quoted(file, "。") + self._turn(file, "hotline")
        return c.pick(words.hotline_opening).format(x=core.rstrip("。"))

    def petition(self, file: Telling, *, tells_identity: bool) -> str:
        c, words, who = self._chance, self._words, file.teller
        if file.words:
            return self._letter(file, file.words) if c.hits(0.6) else file.words
        dispute = file.dispute
        assert dispute is not None
        parts = [self._near_miss(file, self._fill(c.pick(dispute.kind.texts.petition), dispute, narrator=who))]
        parts.append(self._quoted(file, ""))
        if tells_identity:
            parts.append(self._counterpart_in_full(dispute))
        parts.extend(c.sample(words.petition_filler, c.below(4)))
        parts.append(self._turn(file, "petition"))
        if file.gate == "" and c.hits(0.03 * self._settings.near_misses):
            parts.append(c.pick(words.not_filed))
            file.near_miss = True
        parts.append(c.pick(words.petition_closing))
        return self._letter(file, "".join(parts))

    def court(self, file: Telling) -> tuple[str, str]:
        """Return claim and facts."""
        c, dispute = self._chance, file.dispute
        assert dispute is not None
        claim = self._fill(c.pick(dispute.kind.texts.claim), dispute)
        facts = self._fill(c.pick(dispute.kind.texts.facts), dispute)
        return claim, facts + self._quoted(file, "") + c.pick(self._words.court_closing)

    def remark(self, file: Telling) -> str:
        """Return what stands in the last column of a labour ledger, often nothing."""
        c, dispute = self._chance, file.dispute
        assert dispute is not None
        parts = [self._fill(c.pick(dispute.kind.texts.remark), dispute)] if c.hits(0.75) else []
        if c.hits(0.06):
            parts.append(c.pick(self._words.labour_firm_head).format(x=c.pick(load_names().common)))
        quoted = self._quoted(file, "")
        return "，".join(parts + ([quoted.rstrip("。")] if quoted else []))

    def committee(self, file: Telling, *, quote: bool) -> str:
        c, dispute = self._chance, file.dispute
        assert dispute is not None
        text = self._fill(c.pick(dispute.kind.texts.committee), dispute)
        return text + (self._quoted(file, "") if quote else c.pick(["", *self._words.committee_origin]))

    def _fill(self, text: str, dispute: Dispute, *, reversed_: bool = False, narrator: Person | None = None) -> str:
        slots = dispute.slots
        if reversed_:
            first = dispute.applicants[0]
            slots = slots | {"B": first.name, "Bt": first.titled, "A": dispute.respondent.name}
        elif narrator is not None:
            slots = slots | {"home": narrator.home.address, "age": str(narrator.age_on(dispute.started))}
        return text.format_map(slots)

    def _open(self, opening: str, file: Telling, core: str) -> str:
        return opening.format(x=core, t=file.teller.titled)

    def _letter(self, file: Telling, story: str) -> str:
        who = file.teller
        return self._chance.pick(self._words.petition_opening).format(
            x=story,
            name=who.name,
            home=who.home.address,
            district=who.home.place.district.name,
            age=who.age_on(file.at.date()),
            sexword="男" if who.sex == MALE else "女",
        )

    def _turn(self, file: Telling, channel: str) -> str:
        """Return the sentence by which a dispute takes a bad turn, mostly none, and gate the file with it."""
        c, dispute = self._chance, file.dispute
        assert dispute is not None
        rate = TURN_RATES[file.agency] * self._settings.gates
        if file.gate or file.side == "B":
            return ""
        gate = (
            "G3"
            if channel == "police" and dispute.name in VIOLENT and c.hits(5 * rate)
            else "G5"
            if c.hits(rate)
            else ""
        )
        if not gate:
            return ""
        turn = self._gates.of(gate)
        file.gate, file.reason = gate, turn.reason
        return c.pick(turn.turn[channel]).format(B=dispute.respondent.name)

    def _near_miss(self, file: Telling, core: str) -> str:
        c = self._chance
        if file.gate or not c.hits(0.05 * self._settings.near_misses):
            return core
        file.near_miss = True
        words = c.pick(self._gates.near_misses)
        return (
            f"{words}，{core}"
            if c.hits(0.5)
            else f"{core.rstrip('。')}，{words}" + ("。" if core.endswith("。") else "")
        )

    def _quoted(self, file: Telling, before: str) -> str:
        """Return the sentence that quotes other numbers, empty when the file quotes none."""
        return "".join(before + self._quote(quote) for quote in file.quotes)

    def _quote(self, quote: Quote) -> str:
        c, words = self._chance, self._words
        number = quote.number
        if quote.agency == "court" and c.hits(0.15):
            number = number.replace("（", "(").replace("）", ")")
        elif quote.agency == "hotline-12345" and c.hits(0.08):
            number = f"{number[:2]} {number[2:]}"
        if quote.manner == "renewed":
            return c.pick(words.renewed).format(no=number) + "。"
        if quote.manner == "compared":
            return (
                c.pick(words.compared).format(no=number, x=c.pick(load_names().common) + c.pick(["先生", "女士", "家"]))
                + "。"
            )
        told = c.pick(words.references[quote.agency]).format(no=number)
        if quote.manner == "filed":
            told = c.pick(words.filed_notices) + told
        return told + "。" if quote.manner == "filed" or c.hits(0.6) else told + "，" if c.hits(0.5) else told + "。"

    def _counterpart(self, dispute: Dispute) -> str:
        who = dispute.respondent
        return who.name if isinstance(who, Firm) or self._chance.hits(0.5) else who.titled

    def _counterpart_in_full(self, dispute: Dispute) -> str:
        c, words, who = self._chance, self._words, dispute.respondent
        if isinstance(who, Firm):
            return c.pick(words.petition_firm).format(b=who.name, id=who.uscc)
        if c.hits(0.5):
            return c.pick(words.petition_person_phone).format(b=who.name, phone=who.phone)
        return c.pick(words.petition_person).format(b=who.name, id=who.id, phone=who.phone)
