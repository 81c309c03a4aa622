"""The nasty realities N1–N25: how often each form of one strikes, and a note in the truth wherever one did.

The rates below are for a city where everything is as usual; `HardshipRates` turns each phenomenon up, down or off.
"""

from santiao.simulation.chance import Chance
from santiao.simulation.settings import HardshipRates
from santiao.simulation.truth import Truth

RATES: dict[tuple[str, str], float] = {
    ("N1", "retry_same_eventId_same_body"): 0.05,
    ("N1", "file_sent_twice"): 0.03,
    ("N1", "event_sent_twice"): 0.03,
    ("N2", "same_GXSJ_new_body"): 0.02,
    ("N2", "same_updateTime_new_body"): 0.03,
    ("N2", "same_eventId_and_version_newer_body"): 0.03,
    ("N3", "later_version_arrives_first"): 0.05,
    ("N3", "conclusion_before_registration"): 0.03,
    ("N4", "loaded_days_late"): 0.06,
    ("N5", "corrected"): 0.18,
    ("N5", "withdrawn"): 0.03,
    ("N5", "absent_for_one_ledger"): 0.05,
    ("N5", "absent_from_the_last_two_ledgers"): 0.03,
    ("N6", "split"): 0.01,
    ("N7", "new_xfjid_at_resend"): 0.3,
    ("N7", "same_orderNo_new_planTime"): 0.12,
    ("N7", "number_reused_for_another_matter"): 0.02,
    ("N8", "surname_only"): 0.34,
    ("N8", "mediation_room_phone"): 0.02,
    ("N8", "respondent_without_id"): 0.32,
    ("N8", "no_id"): 0.2,
    ("N8", "masked_phone"): 0.45,
    ("N9", "region_is_always_the_city"): 0.4,
    ("N9", "inverted_sex"): 0.05,
    ("N10", "name_placeholder"): 0.08,
    ("N10", "phone"): 0.06,
    ("N10", "phone_placeholder"): 0.25,
    ("N10", "uscc_missing"): 0.18,
    ("N10", "scxfrq"): 0.12,
    ("N10", "uscc_missing_or_old"): 0.25,
    ("N10", "ditto_marks_and_merged_cells"): 0.5,
    ("N11", "latin1_mojibake"): 0.015,
    ("N12", "question_mark_for_rare_character"): 1.0,
    ("N13", "fullwidth_phone"): 0.05,
    ("N13", "uscc_old_or_lower_case"): 0.15,
    ("N13", "space_in_name"): 0.1,
    ("N13", "approximate_amount"): 0.25,
    ("N13", "fullwidth_id"): 0.05,
    ("N14", "space_in_id"): 0.06,
    ("N14", "lower_case_x"): 0.5,
    ("N14", "15_digit_id"): 0.14,
    ("N14", "wrong_check_digit"): 0.07,
    ("N14", "scientific_notation"): 0.24,
    ("N14", "last_digits_zeroed"): 0.12,
    ("N14", "several_people_in_a_cell"): 0.6,
    ("N15", "landline_without_hyphen"): 0.02,
    ("N15", "two_numbers"): 0.03,
    ("N15", "leading_zero_stripped"): 0.02,
    ("N15", "landline_or_two_numbers"): 0.13,
    ("N15", "landline"): 0.05,
    ("N16", "impossible_time"): 0.04,
    ("N16", "scxfrq"): 0.03,
    ("N16", "excel_serial_date"): 0.3,
    ("N16", "dotted_or_month_only_date"): 0.22,
    ("N17", "long_text"): 0.02,
    ("N17", "control_characters_and_line_breaks"): 0.015,
    ("N17", "html_in_text"): 0.5,
    ("N17", "200_KB_paste_with_base64_image"): 0.004,
    ("N19", "unknown_or_mistyped_code"): 0.02,
    ("N19", "retired_code"): 0.02,
    ("N19", "unknown_cause_id"): 0.04,
    ("N19", "defaulted_class"): 0.36,
    ("N19", "defaulted_category"): 0.13,
    ("N19", "complaint_rebooked_as_consultation"): 0.04,
    ("N22", "GXSJ_in_future"): 0.015,
    ("N22", "event_time_in_future"): 0.01,
    ("N23", "misspelled_field_unstatisfyappeal"): 0.12,
}


PATIENCE = 9
"""So many chances a form of a phenomenon has with an agency before it must strike once."""
STRUCK = -1


class Hardships:
    """Decides whether a reality strikes, and notes it when it does."""

    def __init__(self, rates: HardshipRates, chance: Chance, truth: Truth) -> None:
        self._rates = rates
        self._chance = chance
        self._truth = truth
        self._waiting: dict[tuple[str, str, str], int] = {}

    def strikes(self, name: str, what: str, agency: str, key: str) -> bool:
        """True when that form of a phenomenon strikes this record; it is noted then."""
        rate = self._rates.of(name)
        if not self._chance.hits(RATES[name, what] * rate) and not (
            rate >= 1 and self._is_overdue((name, what, agency))
        ):
            return False
        self._waiting[name, what, agency] = STRUCK
        self.note(name, what, agency, key)
        return True

    def _is_overdue(self, form: tuple[str, str, str]) -> bool:
        """True when a form has had its chances and never struck: even a small city shows each form once."""
        waited = self._waiting.get(form, 0)
        if waited == STRUCK:
            return False
        self._waiting[form] = waited + 1
        return waited + 1 > PATIENCE

    def moves(self, name: str, rate: float) -> bool:
        """True when a phenomenon strikes that concerns no single record; the caller notes it."""
        return self._chance.hits(rate * self._rates.of(name))

    def is_on(self, name: str) -> bool:
        return self._rates.of(name) > 0

    def note(self, name: str, what: str, agency: str, key: str) -> None:
        if self._rates.of(name) > 0:
            self._truth.phenomenon(name, {"agency": agency, "key": key, "what": what})

    def note_file(self, name: str, what: str, agency: str, file: str, **more: str) -> None:
        """Note something that concerns a file, not one record."""
        if self._rates.of(name) > 0:
            self._truth.phenomenon(name, {"agency": agency, "file": file, **more, "what": what})
