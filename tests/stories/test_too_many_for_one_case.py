"""A dispute of more sources than one case may hold: a parent batch (群体) with child cases. Here a case holds three."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from santiao.domain import commands
from santiao.domain.errors import Rejection
from santiao.domain.files import CaseFile
from santiao.domain.vocabulary import Op
from santiao.settings import Settings
from tests.hub.cities import city_of_small_cases
from tests.stories.telling import Story

KEYS = tuple(f"34030020260302000{number}" for number in range(1, 8))


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    home = tmp_path / "home"
    told = Story(
        home, settings=Settings(home=home, clock="follow", city=city_of_small_cases(tmp_path / "city", limit=3))
    )
    yield told
    assert list(told.hub.refolder.differences()) == []
    told.hub.close()


def tell_all(story: Story, keys: tuple[str, ...] = KEYS) -> None:
    """Each petition quotes the one before."""
    for number, key in enumerate(keys):
        quotes = keys[number - 1] if number else ""
        story.report(
            "petitions", key, on="2026-03-02", quotes=quotes, by=(f"甲{key[-1]}", ""), against=(f"乙{key[-1]}", "")
        )


def children(story: Story) -> dict[str, CaseFile]:
    return {case.id: case for key in KEYS for case in (story.case_of("petitions", key),)}


def test_what_is_too_much_for_one_case_becomes_a_batch_with_children(story: Story) -> None:
    tell_all(story, KEYS[:3])
    assert [case.batch for case in children_of(story, KEYS[:3])] == [""]
    tell_all(story)
    found = list(children(story).values())
    assert len(found) > 2
    assert all(len(case.sources) <= 3 for case in found)
    assert len({case.batch for case in found}) == 1
    assert found[0].batch.startswith("QT20260302340302")
    assert story.happened().count("BatchJoined") == len(found)


def children_of(story: Story, keys: tuple[str, ...]) -> list[CaseFile]:
    return list({case.id: case for key in keys for case in (story.case_of("petitions", key),)}.values())


def test_a_person_cannot_make_a_case_larger_than_a_case_may_be(story: Story) -> None:
    tell_all(story)
    first, other = next(
        (a, b)
        for a, b in itertools.pairwise(KEYS)
        if story.case_of("petitions", a).id != story.case_of("petitions", b).id
    )
    case = story.case_of("petitions", first)
    a, b = sorted((f"petitions:{first}", f"petitions:{other}"))
    with pytest.raises(Rejection, match=r"link\.case_too_large"):
        story.act(commands.ConfirmLink(case=case.id, a=a, b=b))


def test_a_child_that_nothing_links_with_the_others_leaves_and_one_alone_is_no_batch(story: Story) -> None:
    tell_all(story)
    found = list(children(story).values())
    batch = found[0].batch
    for a, b in itertools.pairwise(KEYS):
        case = story.case_of("petitions", a)
        if case.id != story.case_of("petitions", b).id:
            pair = sorted((f"petitions:{a}", f"petitions:{b}"))
            story.act(commands.RejectLink(case=case.id, a=pair[0], b=pair[1], reason="另一小区"))
    assert {case.batch for case in children(story).values()} == {""}
    assert story.happened().count("BatchLeft") == len(found)
    assert batch


def test_two_batches_that_turn_out_to_be_one_keep_the_older_number(story: Story) -> None:
    one, two = KEYS, tuple(f"34030020260302900{number}" for number in range(1, 8))
    tell_all(story, one)
    tell_all(story, two)
    older, newer = story.case_of("petitions", one[0]).batch, story.case_of("petitions", two[0]).batch
    assert older != newer
    assert "" not in {older, newer}
    story.report("petitions", two[0], on="2026-03-03", quotes=one[-1], by=("甲1", ""), against=("乙1", ""), version=2)
    everybody = children_of(story, (*one, *two))
    assert {case.batch for case in everybody} == {older}


def test_a_batch_survives_the_withdrawal_of_one_source(story: Story) -> None:
    """A withdrawn source stays with its case, and so do its links."""
    tell_all(story)
    before = {case.id: case.batch for case in children(story).values()}
    story.relate("petitions", KEYS[3], Op.WITHDRAW, on="2026-03-04")
    assert {case.id: case.batch for case in children(story).values()} == before
