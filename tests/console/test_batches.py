"""A parent batch (群体) on the pages: the case names it and its children, the list shows them, the search finds it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from santiao.domain.files import CaseFile
from tests.console import scenes
from tests.console.forms import form_of, rows_of
from tests.console.home import ConsoleHome
from tests.hub.cities import city_of_small_cases
from tests.stories.telling import Story
from tests.stories.test_too_many_for_one_case import KEYS, tell_all


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleHome]:
    folder = tmp_path_factory.mktemp("batches")
    opened = ConsoleHome(folder / "home", disputes=4, city=city_of_small_cases(folder / "city", limit=3))
    tell_all(Story(Path(), hub=opened.hub))
    opened.hub.catch_up()
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def dispatcher(home: ConsoleHome) -> httpx.Client:
    return home.client("dispatcher")


def children(home: ConsoleHome) -> list[CaseFile]:
    names = {f"petitions:{key}" for key in KEYS}
    return [case for case in scenes.case_files(home) if names & set(case.sources)]


def test_a_child_shows_its_batch_and_every_other_child(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    family = children(home)
    assert len(family) > 2
    html = dispatcher.get(f"/cases/{family[0].no}").text
    card = html.split('id="batch"')[1].split("</section>")[0]
    assert f"batch={family[0].batch}" in card
    for child in family[1:]:
        assert f"/cases/{child.no}" in card
    assert "本案" in card
    assert "归入群体" in html.split('id="timeline"')[1]


def test_a_case_of_no_batch_shows_none(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    alone = next(case for case in scenes.case_files(home) if not case.batch)
    assert 'id="batch"' not in dispatcher.get(f"/cases/{alone.no}").text


def test_the_worklist_of_a_batch_holds_its_open_children_and_no_other_case(
    home: ConsoleHome, dispatcher: httpx.Client
) -> None:
    family = children(home)
    html = dispatcher.get(f"/worklist?batch={family[0].batch}").text
    assert set(rows_of(html)) == {case.id for case in family if case.status != "closed"}
    assert family[0].batch in html


def test_a_batch_is_found_by_its_number(home: ConsoleHome, dispatcher: httpx.Client) -> None:
    number = children(home)[0].batch
    csrf = form_of(dispatcher.get("/search").text, "/search")["csrf"]
    spoken = f"{number[:2].lower()} {number[2:10]} {number[10:]}"
    answer = dispatcher.post("/search", data={"csrf": csrf, "number": spoken})
    assert str(answer.url).endswith(f"/worklist?batch={number}")


def test_who_reaches_none_of_the_children_learns_of_none(home: ConsoleHome) -> None:
    mediator = home.client("mediator", "lzh-legal-aid")
    assert rows_of(mediator.get(f"/worklist?batch={children(home)[0].batch}").text) == []


def test_what_only_size_keeps_apart_is_no_question_for_the_linking_desk(
    home: ConsoleHome, dispatcher: httpx.Client
) -> None:
    family = {name for case in children(home) for name in case.sources}
    held = [
        link for link in home.hub.list_links() if f"{link.a.agency}:{link.a.key}" in family and link.state == "proposed"
    ]
    assert held
    desk = dispatcher.get("/links").text
    for link in held:
        assert not (link.a.key in desk and link.b.key in desk)


def test_the_command_and_the_view_tell_the_same_children(home: ConsoleHome) -> None:
    (told,) = home.hub.list_batches()
    assert {case.case_id for case in told.cases} == {case.id for case in children(home)}
    assert told.sources == len(KEYS)
    assert told.batch_no == children(home)[0].batch
