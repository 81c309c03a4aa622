"""Who may do what (access.yaml): purposes, roles, agencies, and the treatment of fields. Deny by default.

The rule kept here: nothing is allowed that no row of the city's data allows. What a caller may do is one value, `Rights`, worked out in
one place.
"""

from enum import StrEnum

import msgspec

from santiao.domain import commands
from santiao.domain.errors import Rejection
from santiao.pool.fields import FieldClass, Treatment

COMMANDS: dict[str, type[commands.Command]] = {kind.__name__: kind for kind in commands.Command.__subclasses__()}
"""Every command by name."""


class Role(StrEnum):
    """What a person does (角色)."""

    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    MEDIATOR = "mediator"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SECURITY = "security"


class Resource(StrEnum):
    """What can be asked for: one word per kind of answer."""

    CASES = "cases"
    CASE = "case"
    PARTIES = "parties"
    NARRATIVES = "narratives"
    TIMELINE = "timeline"
    DEADLINES = "deadlines"
    REFERRALS = "referrals"
    LINKS = "links"
    FEED = "feed"
    STATISTICS = "statistics"
    FEED_HEALTH = "feed_health"
    QUARANTINE = "quarantine"
    DISCLOSURES = "disclosures"


class Reach(StrEnum):
    """Which cases: those with a file of one's own or referred to one's own bodies, or the whole city's."""

    OWN = "own"
    CITY = "city"


class Denied(Rejection):
    """The caller may not; the answer says which rule is missing, never whether the case exists."""


class PurposeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A purpose of `hub.purpose@1`: what may be asked for under it, and which personal classes it shows masked where no row says
    more; those not listed stay absent. A `named` one is a named person's: the call must say whose.
    """

    name: str
    name_en: str
    named: bool = False
    resources: tuple[Resource, ...]
    masked: tuple[FieldClass, ...] = ()


class RateRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Requests of one key: so many a second on average, so many at once."""

    per_second: float
    burst: int


class GrantRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a role or an agency may do. `commands` and `resources` by name; `reach` which cases."""

    reach: Reach = Reach.OWN
    purposes: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    commands: tuple[str, ...] = ()


class AgencyRow(GrantRow, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An agency's grants. `connectors` it may send to besides the one of its own name, `bodies` of the directory that are its own
    besides those the directory gives it, `roles` in which people of its own may be named.
    """

    connectors: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    rate: RateRule | None = None


class TreatmentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How classes of fields are shown for a purpose. `roles` and `agencies` narrow; empty means any. `minors` covers persons under
    age too. The first row that names a class for the caller counts.
    """

    purposes: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    agencies: tuple[str, ...] = ()
    minors: bool = False
    full: tuple[FieldClass, ...] = ()
    masked: tuple[FieldClass, ...] = ()


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds of what is sent in, in bytes, and of what is handed out at once."""

    record_bytes: int
    command_bytes: int
    hook_bytes: int
    page_items: int
    smallest_count: int
    """Counts of cases below this, and not zero, are withheld from those who get statistics only."""


class AccessBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rows of access.yaml."""

    purposes: dict[str, PurposeRule]
    separate_duties: tuple[Role, ...]
    """三员分立: who holds one of these holds no other role."""
    roles: dict[Role, GrantRow]
    any_agency: AgencyRow
    agencies: dict[str, AgencyRow]
    named_commands: tuple[str, ...]
    """Commands that only a named person may give."""
    guarded_commands: tuple[str, ...]
    """Commands that must say by If-Match which version of the case was seen."""
    treatments: tuple[TreatmentRow, ...]
    default_rate: RateRule
    stranger_rate: RateRule
    """For callers whose key or signature is not known, by address."""
    limits: Limits


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: an agency by its key, or a person by her session; `person` is her id where one is named, never her name."""

    agency: str
    credential: str
    person: str = ""
    roles: tuple[Role, ...] = ()
    is_session: bool = False

    @property
    def actor(self) -> str:
        """Who stands behind a command, as events name them."""
        return f"person/{self.person}" if self.roles else f"agency/{self.agency}"


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may do, worked out. `reach` CITY, or OWN: the cases of `agencies` and `bodies`."""

    reach: Reach
    agencies: frozenset[str]
    bodies: frozenset[str]
    connectors: frozenset[str]
    purposes: frozenset[str]
    resources: frozenset[Resource]
    commands: frozenset[str]
    rate: RateRule


class AccessPolicy:
    """Answers what a caller may do. `bodies_of` gives the directory's bodies of an agency."""

    def __init__(self, book: AccessBook, bodies_of: dict[str, frozenset[str]]) -> None:
        self.book = book
        self._bodies_of = bodies_of

    def rights_of(self, caller: Caller) -> Rights:
        """All that a caller may do. A person named by a key adds her role's grants where her agency may name such people, and
        reaches no further than her agency.
        """
        row = self.book.agencies.get(caller.agency, self.book.any_agency)
        grants: list[GrantRow] = [] if caller.is_session else [row]
        grants += [self.book.roles[role] for role in caller.roles if caller.is_session or role in row.roles]
        reaching = grants if caller.is_session else [row]
        own_bodies = {caller.agency, *row.bodies, *self._bodies_of.get(caller.agency, frozenset())}
        return Rights(
            reach=Reach.CITY if any(grant.reach is Reach.CITY for grant in reaching) else Reach.OWN,
            agencies=frozenset({caller.agency, *row.connectors}),
            bodies=frozenset(own_bodies),
            connectors=frozenset() if caller.is_session else frozenset({caller.agency, *row.connectors}),
            purposes=frozenset(each for grant in grants for each in grant.purposes),
            resources=frozenset(each for grant in grants for each in grant.resources),
            commands=frozenset(each for grant in grants for each in grant.commands),
            rate=row.rate or self.book.default_rate,
        )

    def check_purpose(self, caller: Caller, purpose: str) -> None:
        """Whether the caller may act for a purpose at all.

        Raises:
            Rejection: `purpose.unknown`, or `purpose.actor` where a named person's purpose names nobody.
            Denied: `purpose.not_granted`.
        """
        rule = self.book.purposes.get(purpose)
        if rule is None:
            known = ", ".join(sorted(self.book.purposes))
            raise Rejection("purpose.unknown", f"Santiao-Purpose is one of {known}", f"用途代码应为 {known} 之一")
        if rule.named and not caller.roles:
            raise Rejection(
                "purpose.actor",
                "this purpose is a named person's: name in Santiao-Actor a person of yours that the hub knows",
                "该用途须具名，请在 Santiao-Actor 中填写已登记人员的编号",
            )
        if purpose not in self.rights_of(caller).purposes:
            raise Denied("purpose.not_granted", "you are not granted this purpose", "未获授权使用该用途")

    def check_resource(self, caller: Caller, resource: Resource, purpose: str = "") -> None:
        """Raise `Denied` unless the caller may ask for this kind of answer, for this purpose where one is given."""
        if resource not in self.rights_of(caller).resources:
            raise Denied("resource.not_granted", f"you are not granted {resource}", "未获授权查阅该类数据")
        if purpose and resource not in self.book.purposes[purpose].resources:
            raise Denied("resource.purpose", f"{resource} are not given for this purpose", "该用途不提供该类数据")

    def check_command(self, caller: Caller, command: str) -> None:
        """Raise `Denied` unless the caller may give this command; some only a named person may."""
        if command not in self.rights_of(caller).commands:
            raise Denied("command.not_granted", f"you are not granted the command {command}", "未获授权发出该指令")
        if command in self.book.named_commands and not caller.roles:
            raise Denied(
                "command.actor",
                "only a named person may give this command: name her in Santiao-Actor",
                "该指令须由具名人员发出，请填写 Santiao-Actor",
            )

    def treatment(self, caller: Caller, purpose: str, kind: FieldClass, *, minor: bool = False) -> Treatment:
        """How a class of fields is shown to a caller for a purpose."""
        if not kind.is_personal:
            return Treatment.FULL
        for row in self.book.treatments:
            if purpose not in row.purposes or (minor and not row.minors):
                continue
            if (row.roles and not set(row.roles) & set(caller.roles)) or (
                row.agencies and caller.agency not in row.agencies
            ):
                continue
            if kind in row.full:
                return Treatment.FULL
            if kind in row.masked:
                return Treatment.MASKED
        rule = self.book.purposes.get(purpose)
        return Treatment.MASKED if rule is not None and kind in rule.masked else Treatment.ABSENT
