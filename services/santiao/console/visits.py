"""A visit: one request of one person as pages see it, with what she may ask and how she is answered."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from starlette.responses import RedirectResponse, Response

from santiao.console.navigation import ENTRIES, Entry
from santiao.console.refusals import PageRefused
from santiao.console.services import ConsoleServices
from santiao.pool.access import Caller, Denied, Reach, Resource, Rights
from santiao.pool.disclose import CaseRow, Channel, Disclosed, DisclosureRequest
from santiao.pool.sessions import Session

LANGUAGES = ("both", "zh", "en")
Form = Mapping[str, tuple[str, ...]]
Render = Callable[["Visit", str, int, Mapping[str, object]], Response]
"""Makes a page of a visit: template, status, what it is told."""
_PURPOSES = ("dispatch", "supervise", "handle", "audit", "statistics")


class Visit(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One request as pages see it.

    `root` is the console's own address, `place` what follows it and `back` the same with its query; `csrf` the token that this
    visitor's forms carry; `token` the session's own, for ending it.
    """

    services: ConsoleServices
    render: Render
    root: str
    place: str
    back: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form = {}
    session: Session | None = None
    token: str = ""
    csrf: str
    language: str = LANGUAGES[0]
    wanted_purpose: str = ""
    is_secure: bool = False
    now: datetime

    # --- who --------------------------------------------------------------------------------------------------------

    @property
    def caller(self) -> Caller:
        """Whoever is logged in."""
        if self.session is None:
            raise PageRefused(401, "请先登录", "log in first")
        return self.session.caller

    @property
    def rights(self) -> Rights:
        """What she may do."""
        return self.services.policy.rights_of(self.caller)

    @property
    def purposes(self) -> tuple[str, ...]:
        """The purposes for which she may look at cases, in order of use."""
        rules = self.services.policy.book.purposes
        granted = self.rights.purposes
        return tuple(each for each in _PURPOSES if each in granted and Resource.CASES in rules[each].resources)

    @property
    def purpose(self) -> str:
        """The one she looks for now; empty when she has none."""
        granted = self.purposes
        return self.wanted_purpose if self.wanted_purpose in granted else (granted[0] if granted else "")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The pages that she may open."""
        resources = self.rights.resources
        return tuple(
            each
            for each in ENTRIES
            if (self.may_ask(each.needs) if each.is_of_cases else each.needs in resources)
            and (not each.is_of_city or self.rights.reach is Reach.CITY)
        )

    def may_ask(self, *resources: Resource) -> bool:
        """True when she may see all of these under one purpose."""
        try:
            self.purpose_for(*resources)
        except Denied:
            return False
        return True

    def may_command(self, command: str) -> bool:
        """True when she may give this command."""
        return command in self.rights.commands

    def purpose_for(self, *resources: Resource) -> str:
        """The purpose under which she asks: the chosen one where it gives all that is asked for, else the first granted that does.

        Raises:
            Denied: nothing granted to her gives it.
        """
        policy = self.services.policy
        for resource in resources:
            policy.check_resource(self.caller, resource)
        for purpose in (self.purpose, *_PURPOSES):
            rule = policy.book.purposes.get(purpose)
            if rule is not None and purpose in self.rights.purposes and set(resources) <= set(rule.resources):
                return purpose
        raise Denied("purpose.not_granted", "no purpose granted to you gives this", "您获授权的用途均不提供此内容")

    # --- what -------------------------------------------------------------------------------------------------------

    def field(self, name: str, limit: int = 500) -> str:
        """A form's field, trimmed and bounded; empty when it was not sent."""
        told = self.form.get(name, ("",))
        return told[0].strip()[:limit]

    def disclose(
        self, resource: Resource, rows: Sequence[CaseRow], query: str = "", *, purpose: str = "", masked: bool = True
    ) -> Disclosed:
        """Rows as they may be shown to her, through the one door: what she is shown is recorded before she sees it.

        Raises:
            Denied: she may not ask for them.
            StoreFailure: the look could not be recorded, and nothing is shown.
        """
        request = DisclosureRequest(
            caller=self.caller,
            purpose=purpose or self.purpose_for(resource),
            channel=Channel.CONSOLE,
            resource=resource,
            query=query,
            masked=masked,
        )
        return self.services.door.disclose(request, rows)

    def show(self, template: str, status: int = 200, **told: object) -> Response:
        """A page."""
        return self.render(self, template, status, told)

    def go(self, place: str) -> Response:
        """On to another page of the console, by GET."""
        return RedirectResponse(f"{self.root}{place}", status_code=303)
