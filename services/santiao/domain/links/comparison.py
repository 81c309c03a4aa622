"""Comparing two sources: linked by rule, shown to a person, or nothing.

The rules kept here, of guarantee 2 and `docs/linking.md`: the verdict is symmetric and depends on the two profiles and on which of the
tokens they share are common, on nothing else. By rule only an explicit reference links, or both parties' identity, or one party's
identity with a counterpart that agrees, in kinds of dispute that agree, past the vetoes, and never after an agreement older than the
renewal gap.
"""

from santiao.domain.links.alignment import Agreement, Alignment, Match, align, are_opposed, stand_apart
from santiao.domain.links.evidence import Commonness, Evidence, types_agree, weigh
from santiao.domain.links.policy import LinkingPolicy
from santiao.domain.links.profile import PartyProfile, Profile, Side, short_token
from santiao.domain.links.tokens import Kind
from santiao.domain.links.verdict import NOTHING, Decision, Rule, TokenUse, Verdict, Veto, evidence_of

_SUPPORT = frozenset({"name_in_text", "room", "building", "amount"})
_FIGURES = frozenset({"amount", "amount_near", "day"})
_MATTER = _FIGURES | {"room", "building"}
_SETTING = frozenset({"estate", "topic"})
_CONFLICTS = frozenset({"counterpart_differs", "region_differs"})
_NAMED_PIECES = frozenset({"room", "building", "estate", "road", "amount", "day", "name_in_text"})
_RANKS = {Rule.EXPLICIT_REFERENCE: 3, Rule.BOTH_IDENTITIES: 2, Rule.IDENTITY_AND_COUNTERPART: 1}
_FLOORS = {Rule.EXPLICIT_REFERENCE: 990, Rule.BOTH_IDENTITIES: 980, Rule.IDENTITY_AND_COUNTERPART: 950}
_NEAR_STRENGTH, _RANK_STRENGTH = 100_000, 10_000
_BY_PHONE = Agreement.PHONE | Agreement.MASKED_PHONE
_MAY_AGREE = Agreement.NAME | Agreement.STEM | Agreement.PHONE | Agreement.MASKED_PHONE


def compare(a: Profile, b: Profile, count: Commonness, policy: LinkingPolicy) -> Verdict:
    """What `a` and `b` are to each other; the same whichever is named first."""
    alignment = align(a, b)
    evidence = weigh(a, b, alignment, count, policy)
    score = _score(evidence.bits)
    references = references_between(a, b)
    is_parted = bool(a.parted or b.parted) and _are_parted(a, b)
    may_meet_a_rule = bool(references) or any(match.agreement & Agreement.IDENTITY for match in alignment.matches)
    if not (may_meet_a_rule or is_parted or score >= policy.propose_at):
        return NOTHING
    finding = _Finding((a, b), references, alignment, evidence, count, policy)
    rule = finding.rule() if may_meet_a_rule else None
    if rule is None and not is_parted and score < policy.propose_at:
        return NOTHING
    vetoes = finding.vetoes(rule, is_parted=is_parted)
    if is_parted:
        decision = Decision.NONE
    elif rule is not None and not vetoes:
        decision, score = Decision.AUTO, max(score, _FLOORS[rule])
    elif rule is not Rule.EXPLICIT_REFERENCE and (
        Veto.AFTER_AGREEMENT in vetoes or (Veto.SIDES_SWAPPED in vetoes and _is_other_matter(vetoes, evidence))
    ):
        return NOTHING
    else:
        decision = Decision.PROPOSE
    reasons = (
        *((rule.value,) if rule is not None else ()),
        *(reason for reason, bits, _ in evidence.items if bits > 0),
    )
    return Verdict(
        decision=decision,
        score=score,
        strength=_strength(a, b, rule, score, policy),
        reasons=tuple(dict.fromkeys(reasons)),
        vetoes=tuple(veto.value for veto in vetoes),
        rests_on=tuple(sorted(finding.uses)),
        evidence=evidence_of(_pieces(a, b, alignment, evidence)),
    )


def _is_other_matter(vetoes: tuple[Veto, ...], evidence: Evidence) -> bool:
    return Veto.TYPES_APART in vetoes or "topic_differs" in evidence.reasons


def _score(bits: float) -> int:
    return round(1000 / (1 + 2**-bits))


def _strength(a: Profile, b: Profile, rule: Rule | None, score: int, policy: LinkingPolicy) -> int:
    """Near in time first: a dispute's own sources find each other before those of a later one between the same people."""
    if rule is None:
        return score
    is_near = abs(a.reported - b.reported) <= policy.far_days if a.reported and b.reported else True
    return _NEAR_STRENGTH * is_near + _RANK_STRENGTH * _RANKS[rule] + score


class _Finding:
    """One comparison's working state: collects the tokens whose commonness was asked for."""

    def __init__(
        self,
        pair: tuple[Profile, Profile],
        references: frozenset[int],
        alignment: Alignment,
        evidence: Evidence,
        count: Commonness,
        policy: LinkingPolicy,
    ) -> None:
        self._a, self._b = pair
        self._matches = alignment.matches
        self._reasons = evidence.reasons
        self._count = count
        self._policy = policy
        self.uses: set[TokenUse] = set()
        self._references = references

    def _is_common(self, kind: Kind, token: int) -> bool:
        self.uses.add(TokenUse(kind, token))
        return self._count(kind, token) > self._policy.caps.of(kind)

    def _meets(self, reasons: frozenset[str]) -> bool:
        return not reasons.isdisjoint(self._reasons)

    def rule(self) -> Rule | None:
        """The strongest rule the pair meets, vetoes left aside."""
        if self._references:
            return Rule.EXPLICIT_REFERENCE
        found = [self._identity_rule(match) for match in self._matches if match.is_identity]
        if Rule.BOTH_IDENTITIES in found:
            return Rule.BOTH_IDENTITIES
        return Rule.IDENTITY_AND_COUNTERPART if Rule.IDENTITY_AND_COUNTERPART in found else None

    def _identity_rule(self, match: Match) -> Rule | None:
        standing = _standing(match)
        if not standing:
            return None
        kind = Kind.ORG_ID if match.left.is_org else Kind.RIN
        # Every shared number is asked for, so that the answer does not depend on which was looked at first.
        rare = [not self._is_common(kind, token) for token in sorted({*match.left.ids} & {*match.right.ids})]
        others = [each for each in self._matches if stand_apart(match, each) and are_opposed(match, each)]
        # A person's rare number speaks for itself; an organisation's does beside another organisation's only.
        both = [each for each in others if each.is_identity and standing + _standing(each) > _HALF + _HALF]
        if any(rare) and any(each.left.is_org or not match.left.is_org for each in both):
            return Rule.BOTH_IDENTITIES
        if match.left.is_org:
            found = [self._person_agrees(each, is_firm_common=not any(rare)) for each in others]
        elif any(rare):
            found = [self._counterpart_agrees(each, standing) for each in others]
            found.append(self._is_named_in_text(match))
        else:
            found = []
        return Rule.IDENTITY_AND_COUNTERPART if any(found) else None

    def _counterpart_agrees(self, counterpart: Match, standing: int) -> bool:
        """True when the counterpart of a person's identity agrees by more than a surname.

        A caller may be a relative with a quarrel of her own with the same firm: beside her number a firm's name needs the matter too.
        """
        if not counterpart.agreement & _MAY_AGREE:
            return False
        if standing > _HALF or self._meets(_MATTER):
            return True
        is_named_person = not counterpart.left.is_org and counterpart.agreement & Agreement.NAME
        setting = _SETTING | {"type"} if is_named_person else _SETTING
        return "near" in self._reasons and self._meets(setting)

    def _person_agrees(self, person: Match, *, is_firm_common: bool) -> bool:
        """True when the person opposite an organisation's number agrees by a rare name and something of the person's own besides, and
        where the organisation is common, by the sum or day in dispute as well: it has many a namesake among its people.
        """
        if person.left.is_org or not person.agreement & (Agreement.NAME | Agreement.PHONE):
            return False
        names = bool(person.agreement & Agreement.NAME) and not self._is_common(Kind.NAME, person.left.name)
        masks = {*person.left.masks} & {*person.right.masks} if person.agreement & _BY_PHONE else set()
        rare = [token for token in sorted(masks) if not self._is_common(Kind.PHONE, token)]
        is_vouched = bool(rare) or bool(person.agreement & (Agreement.BIRTH | Agreement.STEM))
        if is_firm_common:
            return names and is_vouched and self._meets(_FIGURES)
        return (names and (is_vouched or self._meets(_MATTER))) or (
            bool(rare) and bool(person.agreement & Agreement.PHONE) and self._meets(_MATTER)
        )

    def _is_named_in_text(self, match: Match) -> bool:
        """True when one text names whom the other source names as the counterpart, and the matter agrees too."""
        if not (self._meets(_MATTER) or "topic" in self._reasons):
            return False
        return _names_counterpart(self._a, self._b, match.right) or _names_counterpart(self._b, self._a, match.left)

    def vetoes(self, rule: Rule | None, *, is_parted: bool) -> tuple[Veto, ...]:
        """All that forbids linking by the rule that is met."""
        a, b, reasons = self._a, self._b, self._reasons
        found = [Veto.PARTED] if is_parted else []
        if is_after_agreement(a, b, self._policy):
            found.append(Veto.AFTER_AGREEMENT)
        if rule is Rule.EXPLICIT_REFERENCE:
            if self._is_reference_unsupported():
                found.append(Veto.REFERENCE_UNSUPPORTED)
        elif rule is not None:
            if not types_agree(a, b, self._policy):
                found.append(Veto.TYPES_APART)
            if any(match.is_identity and _is_swapped(match) for match in self._matches):
                found.append(Veto.SIDES_SWAPPED)
            if a.shielded or b.shielded:
                found.append(Veto.SHIELDED)
            if rule is not Rule.BOTH_IDENTITIES and "amount_differs" in reasons and "topic" not in reasons:
                found.append(Veto.AMOUNTS_APART)
            if "topic_differs" in reasons and "type" not in reasons and not self._meets(_FIGURES):
                found.append(Veto.MATTERS_APART)
        return tuple(found)

    def _is_reference_unsupported(self) -> bool:
        """True when a quoted number names another matter by all else that is told, or names several sources and fits none by more."""
        is_ambiguous = [self._is_common(Kind.OWN, number) for number in sorted(self._references)]
        if is_merged(self._a, self._b):
            return False
        if "applicant_differs" in self._reasons:
            # A teller may quote her neighbour's number to say that she fares no better.
            return True
        if self._meets(_SUPPORT) or any(match.is_firm for match in self._matches):
            return False
        is_of_one_kind = "topic" in self._reasons or "type" in self._reasons
        is_contradicted = self._meets(_CONFLICTS) or not types_agree(self._a, self._b, self._policy)
        return all(is_ambiguous) or (is_contradicted and not is_of_one_kind)


_HALF, _FULL = 1, 2


def _standing(match: Match) -> int:
    """Whose identity agrees: a party's in both sources, a caller's in one of them, or nobody's that counts."""
    sides = (match.left.side, match.right.side)
    if Side.HELPER in sides:
        return 0
    callers = sides.count(Side.REPORTER)
    return _FULL if callers == 0 else _HALF if callers == 1 else 0


def _is_swapped(match: Match) -> bool:
    return {match.left.side, match.right.side} == {Side.APPLICANT, Side.RESPONDENT}


def _names_counterpart(teller: Profile, named: Profile, party: PartyProfile) -> bool:
    if not teller.names_told or party.side not in {Side.APPLICANT, Side.RESPONDENT}:
        return False
    opposite = Side.RESPONDENT if party.side == Side.APPLICANT else Side.APPLICANT
    return any(
        each.side == opposite and each.name and not each.is_org and short_token(each.name) in teller.names_told
        for each in named.parties
    )


def references_between(a: Profile, b: Profile) -> frozenset[int]:
    """Numbers by which one of the two names the other."""
    if not (a.quotes or a.merged or b.quotes or b.merged):
        return frozenset()
    return frozenset(({*a.quotes, *a.merged} & {*b.own}) | ({*b.quotes, *b.merged} & {*a.own}))


def _are_parted(a: Profile, b: Profile) -> bool:
    return not ({*a.parted}.isdisjoint(b.own) and {*b.parted}.isdisjoint(a.own))


def is_merged(a: Profile, b: Profile) -> bool:
    """True when their agency itself merged one into the other."""
    return not ({*a.merged}.isdisjoint(b.own) and {*b.merged}.isdisjoint(a.own))


def is_after_agreement(a: Profile, b: Profile, policy: LinkingPolicy) -> bool:
    """True when one was reported longer after the other's agreement than its kind's renewal gap."""
    return _came_after(a, b, policy) or _came_after(b, a, policy)


def _came_after(settled: Profile, later: Profile, policy: LinkingPolicy) -> bool:
    return bool(
        settled.settled and later.reported and later.reported - settled.settled > policy.gap_after(settled.type)
    )


def _pieces(a: Profile, b: Profile, alignment: Alignment, evidence: Evidence) -> list[tuple[str, int]]:
    """What agrees, told without weights: see `verdict.evidence_of`."""
    found = [("reference", number) for number in references_between(a, b)]
    for match in alignment.matches:
        left, right, agreement = match.left, match.right, match.agreement
        if agreement & Agreement.IDENTITY:
            found += [("identity", token) for token in {*left.ids} & {*right.ids}]
        if agreement & Agreement.NAME:
            found.append(("name", left.name))
        if agreement & _BY_PHONE:
            found += [("phone", token) for token in {*left.masks} & {*right.masks}]
        if agreement & Agreement.BIRTH:
            found.append(("born", left.born))
        if agreement & Agreement.STEM:
            found.append(("stem", left.stem))
    found += [(reason, token) for reason, _, token in evidence.items if reason in _NAMED_PIECES]
    return found
