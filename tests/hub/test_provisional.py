"""A deadline in a year without a calendar is provisional, and firm once the calendar has come."""

import shutil
from pathlib import Path

from santiao.bootstrap import Hub
from santiao.settings import Settings
from santiao.store.resources import resource_dir
from tests.stories.telling import Story

KEY = "340300202611200021"


def test_a_provisional_date_is_computed_again_when_the_calendar_comes(tmp_path: Path) -> None:
    city = tmp_path / "city"
    shutil.copytree(resource_dir("city"), city)
    story = Story(tmp_path / "home", settings=Settings(home=tmp_path / "home", city=city, clock="follow"))
    story.report("petitions", KEY, on="2026-11-20")
    clock = next(clock for clock in story.case_of("petitions", KEY).clocks if clock.rule == "XF.HANDLE.60D")
    assert (clock.effective_end, clock.provisional) == ("2027-01-19", True)
    story.hub.close()

    text = (city / "calendars" / "cn-2026.json").read_text(encoding="utf-8")
    days = '"days": [{"date": "2027-01-19", "name": "试", "off": true}]'
    (city / "calendars" / "cn-2027.json").write_text(
        text[: text.index('"days"')].replace("2026", "2027") + days + "}", encoding="utf-8"
    )
    story.hub = Hub(Settings(home=tmp_path / "home", city=city, clock="follow"))
    again = next(clock for clock in story.case_of("petitions", KEY).clocks if clock.rule == "XF.HANDLE.60D")
    assert (again.effective_end, again.provisional) == ("2027-01-20", False)
    assert story.happened().count("DeadlineSet") == 1
    assert story.happened().count("DeadlineRecomputed") == 1
    assert list(story.hub.refolder.differences()) == []
    assert story.hub.timers.firm_up() == 0
    story.hub.close()
