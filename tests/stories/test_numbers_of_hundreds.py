"""What many disputes have in common, a property firm or a switchboard, proves nothing, and never stops the next record."""

from santiao.store import tables
from santiao.store.party_index import COMMON_FROM
from tests.stories.telling import LI, Story


def test_a_person_in_hundreds_of_disputes_links_none_and_the_next_record_is_taken(story: Story) -> None:
    for number in range(COMMON_FROM + 4):
        told = story.report("court", f"c-{number}", on="2026-03-02", by=(f"甲{number}", ""), against=LI)
        assert told.state == "accepted"
    with story.hub.database.readable() as connection:
        common = connection.execute(tables.common_tokens.select()).all()
    assert max(row.carriers for row in common) >= COMMON_FROM
    assert story.case_of("court", f"c-{COMMON_FROM + 3}").sources == (f"court:c-{COMMON_FROM + 3}",)
