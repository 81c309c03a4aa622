"""What each action's form asks. Reasons, outcomes and bodies are the city's own rows."""

from santiao.console.bodies import body_choices, court_choices
from santiao.console.casework import CaseState
from santiao.console.fields import Choice, Field, Kind, listed, yes_no
from santiao.console.visits import Visit
from santiao.domain.routing import MediationKind

NO_PERSONS = ("请勿填写当事人姓名、证件号、电话等个人信息", "no names, numbers or telephones of parties")


def ask_nothing(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return ()


def _reasons(visit: Visit, answer: str) -> tuple[Choice, ...]:
    rows = visit.services.workflow.reasons
    return tuple(Choice(row.code, row.name, row.name_en, row.source_text) for row in rows if row.answer == answer)


def _text(name: str, zh: str, en: str, *, required: bool = False) -> Field:
    return Field(
        name=name, zh=zh, en=en, kind=Kind.AREA, is_required=required, hint_zh=NO_PERSONS[0], hint_en=NO_PERSONS[1]
    )


_ANSWERED = Field(
    name="answered_at",
    zh="答复时间（早于今天时填写）",
    en="answered at, where before today",
    kind=Kind.MOMENT,
    is_aside=True,
    hint_zh="按期答复、迟到送达的，以答复时间为准",
    hint_en="an answer dated in time counts although it came late",
)
_MEDIATOR = Field(
    name="mediator",
    zh="调解员编号",
    en="mediator's id",
    hint_zh="填写人员编号，不填写姓名",
    hint_en="an id, not a name",
)


def ask_triage(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    kind = "peoples" if case.mediation_kind == "people" else case.mediation_kind
    return (
        Field(
            name="mediation",
            zh="调解种类",
            en="kind of mediation",
            kind=Kind.SELECT,
            choices=listed("mediation_kind", [each.value for each in MediationKind]),
            value=(kind,),
            is_required=True,
        ),
        _mode(case),
        _body(visit, case, "body", case.proposed_body),
    )


def _mode(case: CaseState) -> Field:
    return Field(
        name="mode",
        zh="对接方式",
        en="mode",
        kind=Kind.SELECT,
        choices=listed("mode"),
        value=(case.mode,),
        is_required=True,
    )


def _body(visit: Visit, case: CaseState, name: str, value: str = "") -> Field:
    return Field(
        name=name,
        zh="承办单位",
        en="body",
        kind=Kind.SELECT,
        choices=body_choices(visit, case.region),
        value=(value,),
        is_required=True,
    )


def ask_consent(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    left = [side for side in ("applicant", "respondent") if side not in case.consents]
    return (
        Field(name="side", zh="哪一方", en="side", kind=Kind.RADIO, choices=listed("side", left), is_required=True),
        Field(
            name="given",
            zh="意见",
            en="what they said",
            kind=Kind.RADIO,
            choices=yes_no(("同意调解", "agree"), ("明确拒绝", "refuse")),
            is_required=True,
        ),
        Field(name="form", zh="方式", en="form", kind=Kind.SELECT, choices=listed("form"), value=("oral",)),
        _text("reason", "拒绝理由", "reason of a refusal"),
    )


def ask_send(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (_body(visit, case, "body", case.proposed_body),)


def ask_accept(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (_MEDIATOR, _ANSWERED)


def ask_decline(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    reasons = _reasons(visit, "decline")
    return (
        Field(name="reason", zh="理由", en="reason", kind=Kind.RADIO, choices=reasons, is_required=True),
        _text("text", "说明", "details"),
        _ANSWERED,
    )


def ask_return(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    missing = _reasons(visit, "return")
    asked = Field(
        name="missing", zh="缺少的材料", en="what is missing", kind=Kind.CHECKS, choices=missing, is_required=True
    )
    return (asked, _ANSWERED)


def ask_forward(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (_body(visit, case, "to"), _text("reason", "理由", "reason", required=True), _ANSWERED)


def ask_designation(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (
        _body(visit, case, "body", case.proposed_body),
        _mode(case),
        _text("reason", "理由", "reason", required=True),
    )


def ask_conclusion(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    outcomes = tuple(code for code in visit.services.workflow.outcomes if code not in ("O50", "O90"))
    return (
        Field(
            name="outcome",
            zh="结果",
            en="outcome",
            kind=Kind.SELECT,
            choices=listed("outcome", outcomes),
            is_required=True,
        ),
        _text("reason", "说明", "details"),
        Field(
            name="agreement_no",
            zh="协议编号",
            en="agreement no.",
            hint_zh="达成协议时填写",
            hint_en="where they agreed",
        ),
        Field(name="effective_on", zh="协议生效日", en="in effect from", kind=Kind.DATE),
        Field(name="perform_by", zh="履行期限", en="to be performed by", kind=Kind.DATE),
    )


def ask_performance(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (Field(name="performed_on", zh="履行日期", en="performed on", kind=Kind.DATE, is_required=True),)


def ask_confirmation(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    courts = court_choices(visit, case.region)
    return (
        Field(name="court", zh="法院", en="court", kind=Kind.SELECT, choices=courts, is_required=True),
        Field(name="applied_on", zh="申请日期", en="applied on", kind=Kind.DATE, is_required=True),
    )


def ask_ruling(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (
        Field(
            name="confirmed",
            zh="裁定",
            en="ruling",
            kind=Kind.RADIO,
            choices=yes_no(("确认有效", "confirmed"), ("驳回申请", "not confirmed")),
            is_required=True,
        ),
        Field(name="ruling_no", zh="裁定案号", en="ruling no."),
    )


def ask_follow_up(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (
        Field(
            name="performed",
            zh="是否履行",
            en="performed",
            kind=Kind.RADIO,
            choices=yes_no(("已履行", "yes"), ("未履行", "no")),
        ),
        Field(name="satisfaction", zh="满意度", en="satisfaction", kind=Kind.RADIO, choices=listed("satisfaction")),
    )


def ask_closing(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    outcomes = listed("outcome", visit.services.workflow.outcomes)
    return (
        _text("reason", "办结理由", "reason", required=True),
        Field(name="outcome", zh="结果", en="outcome", kind=Kind.SELECT, choices=outcomes),
    )


def ask_suspension(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    reasons = _reasons(visit, "suspend")
    return (Field(name="reason", zh="理由", en="reason", kind=Kind.RADIO, choices=reasons, is_required=True),)


def ask_why(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (_text("reason", "理由", "reason", required=True),)


def ask_details(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (_text("reason", "说明", "details"),)


def ask_start(visit: Visit, case: CaseState) -> tuple[Field, ...]:
    return (_MEDIATOR,)
