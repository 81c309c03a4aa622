"""What to invent: how many disputes, in which city, in which months, and how nasty each reality is. Rates are switches: 0 is off."""

from datetime import date, timedelta

import msgspec

Rate = float


class HardshipRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often each nasty reality N1–N25 strikes: 1 is usual, 0 never, 2 twice as often. Single accidents are on or off."""

    n1: Rate = 1.0
    """The same body is delivered again."""
    n2: Rate = 1.0
    """The same key and update time with another body."""
    n3: Rate = 1.0
    """Out of order: feedback before its incident, a later version first."""
    n4: Rate = 1.0
    """Late: rows loaded days afterwards, closings weeks afterwards, a backlog after the holiday."""
    n5: Rate = 1.0
    """Corrected, withdrawn, absent."""
    n6: Rate = 1.0
    """Merged, parted, split by the source."""
    n7: Rate = 1.0
    """Numbers used again, new ids at a resend."""
    n8: Rate = 1.0
    """No identity, only a surname, another person's phone."""
    n9: Rate = 1.0
    """Hard-coded values: region is the city, sex is inverted."""
    n10: Rate = 1.0
    """Markers that mean nothing was told."""
    n11: Rate = 1.0
    """Mojibake and a charset that is not the declared one."""
    n12: Rate = 1.0
    """Rare characters and what remains of them."""
    n13: Rate = 1.0
    """Full-width digits, blanks in names, old forms of a code."""
    n14: Rate = 1.0
    """Damaged, shortened or wrong identity numbers."""
    n15: Rate = 1.0
    """Landlines, extensions, two numbers in a cell."""
    n16: Rate = 1.0
    """Times in every form, and impossible ones."""
    n17: Rate = 1.0
    """Long texts, HTML, control characters."""
    n18: Rate = 1.0
    """Columns and files cut in the middle of a character."""
    n19: Rate = 1.0
    """Unknown, retired and defaulted codes."""
    n20: Rate = 1.0
    """The statistical year ends on 20 December (noted, changes nothing)."""
    n21: Rate = 1.0
    """Deadlines that count make-up Saturdays (noted, changes nothing)."""
    n22: Rate = 1.0
    """Clocks ahead of time."""
    n23: Rate = 1.0
    """Schema drift: new columns, renamed headers, misspelt fields."""
    n24: Rate = 1.0
    """Silence, busy answers, gaps in a sequence."""
    n25: Rate = 1.0
    """Replies that say success and hide conflicts."""

    def of(self, phenomenon: str) -> Rate:
        """Return the rate of a phenomenon by its name, as `N14`."""
        rate: Rate = getattr(self, phenomenon.lower())
        return rate

    @classmethod
    def none(cls) -> "HardshipRates":
        """A city where everything goes right."""
        return cls(**dict.fromkeys(cls.__struct_fields__, 0.0))


class SimulationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that decides a simulated city. Days are in Asia/Shanghai, `period_to` is exclusive."""

    disputes: int
    seed: int = 1
    city: str = "bengbu"
    """Name of a file under `cities/`."""
    period_from: date = date(2025, 11, 1)
    period_to: date = date(2026, 4, 1)
    hardships: HardshipRates = HardshipRates()
    lookalikes: Rate = 0.26
    """Share of disputes that come in pairs which look alike and are not the same."""
    compared_cases: bool = True
    """Some tellers quote the number of somebody else's case by way of comparison."""
    strays: Rate = 0.37
    """Items that tell of no dispute, and gated ones on their own, per dispute."""
    gates: Rate = 1.0
    near_misses: Rate = 1.0
    references: Rate = 1.0
    broken_references: Rate = 1.0
    committees: Rate = 1.0
    """How often a people's mediation committee hears of a dispute."""
    police_days: int = 6
    """Snapshots of the front-end tables."""
    court_polls: int = 8
    court_page_size: int = 20
    petitions_per_file: int = 400
    ledgers: int = 9
    """Weekly ledgers; the last is a workbook."""

    @property
    def last_start(self) -> date:
        """The last day on which a dispute begins, early enough to be heard of."""
        return self.period_to - timedelta(days=24)

    def __post_init__(self) -> None:
        if self.disputes < 1:
            raise ValueError("disputes 必须是正数：a city needs at least one dispute.")
        if (self.period_to - self.period_from).days < 60:
            raise ValueError("period 太短：give at least 60 days between period_from and period_to.")
        if not (self.ledgers >= 2 and self.police_days >= 1 and self.court_polls >= 2 and self.court_page_size >= 1):
            raise ValueError("交付次数太少：at least 2 ledgers, 1 police day, 2 court polls and a page size of 1.")
