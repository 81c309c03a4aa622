"""Cases brought to different stages by the dispatchers' own commands, so that pages have something of everything to show."""

from datetime import timedelta

from santiao.domain import commands
from santiao.domain.commands import AnyCommand
from santiao.domain.errors import Rejection
from santiao.domain.files import CaseFile
from santiao.store import tables
from santiao.store.case_codec import decode_case
from tests.console.home import ConsoleHome

CONSENTED = ("applicant", "respondent")


def case_files(home: ConsoleHome) -> list[CaseFile]:
    """Every living case, the newest first."""
    with home.hub.database.readable() as connection:
        found = [decode_case(row.data) for row in connection.execute(tables.case_files.select())]
    return sorted((case for case in found if case.merged_into is None), key=lambda case: case.no, reverse=True)


def case_file(home: ConsoleHome, case_id: str) -> CaseFile:
    """One case as it stands."""
    return next(case for case in case_files(home) if case.id == case_id)


def ready_cases(home: ConsoleHome) -> list[CaseFile]:
    """Cases that wait to be referred and know where to."""
    return [case for case in case_files(home) if case.status == "registered" and case.triage and not case.blocked_by]


class Acting:
    """Gives commands as one dispatcher, each once."""

    def __init__(self, home: ConsoleHome, name: str = "scene") -> None:
        self.home = home
        self._name = name
        self._count = 0

    def give(self, command: AnyCommand) -> None:
        self._count += 1
        actor = f"person/{self.home.person('dispatcher').person_id}"
        self.home.hub.commander.command(command, actor=actor, idempotency_key=f"{self._name}-{self._count}")

    def consent(self, case: CaseFile) -> None:
        self.give(commands.RequestConsent(case=case.id))
        for side in CONSENTED:
            self.give(commands.RecordConsent(case=case.id, side=side, given=True))

    def refer(self, case: CaseFile) -> str:
        self.consent(case)
        self.give(commands.SendReferral(case=case.id))
        referral = case_file(self.home, case.id).referral
        assert referral is not None
        return referral.id

    def mediate(self, case: CaseFile) -> None:
        referral = self.refer(case)
        self.give(commands.AcceptReferral(case=case.id, referral=referral, mediator="M-07"))
        self.give(commands.StartMediation(case=case.id, mediator="M-07"))

    def agree(self, case: CaseFile) -> None:
        self.mediate(case)
        today = self.home.hub.engine.clock.now().date()
        self.give(
            commands.ConcludeMediation(
                case=case.id, outcome="O10", effective_on=today, perform_by=today + timedelta(days=20)
            )
        )


def fill(home: ConsoleHome) -> dict[str, CaseFile]:
    """Bring cases to many stages; the cases by the name of their stage."""
    acting = Acting(home)
    ready = iter(ready_cases(home))
    stages: dict[str, CaseFile] = {}
    for name in (
        "consent",
        "referred",
        "referred2",
        "referred3",
        "referred4",
        "returned",
        "declined",
        "mediating",
        "suspended",
        "agreed",
        "confirming",
    ):
        for case in ready:
            try:
                _bring(acting, name, case)
            except Rejection:
                continue
            stages[name] = case_file(home, case.id)
            break
    home.hub.catch_up()
    return stages


def _bring(acting: Acting, stage: str, case: CaseFile) -> None:
    if stage == "consent":
        acting.give(commands.RequestConsent(case=case.id))
        acting.give(commands.RecordConsent(case=case.id, side="applicant", given=True))
    elif stage.startswith("referred"):
        acting.refer(case)
    elif stage == "returned":
        referral = acting.refer(case)
        acting.give(commands.ReturnReferral(case=case.id, referral=referral, missing=("FACTS", "CONTACT")))
    elif stage == "declined":
        referral = acting.refer(case)
        acting.give(commands.DeclineReferral(case=case.id, referral=referral, reason="OUT_OF_SCOPE"))
    elif stage == "mediating":
        acting.mediate(case)
    elif stage == "suspended":
        acting.mediate(case)
        acting.give(commands.SuspendMediation(case=case.id, reason="APPRAISAL"))
    elif stage == "agreed":
        acting.agree(case)
    elif stage == "confirming":
        acting.agree(case)
        today = acting.home.hub.engine.clock.now().date()
        acting.give(commands.ApplyConfirmation(case=case.id, court="lzh-court", applied_on=today))
