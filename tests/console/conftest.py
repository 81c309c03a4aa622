"""One served home for the tests of a file, with cases at every stage; and a browser page that is logged in."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page

from santiao.domain.files import CaseFile
from tests.console import scenes
from tests.console.home import ORG, ConsoleHome

Stages = dict[str, CaseFile]
LogIn = Callable[..., Page]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleHome]:
    """A hub with an invented city, its console served on loopback."""
    opened = ConsoleHome(tmp_path_factory.mktemp("console"))
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def stages(home: ConsoleHome) -> Stages:
    """Cases by the stage they were brought to."""
    return scenes.fill(home)


@pytest.fixture(scope="module")
def dispatcher(home: ConsoleHome, stages: Stages) -> httpx.Client:
    """A dispatcher's client, once every stage has its case."""
    return home.client("dispatcher")


@pytest.fixture
def logged_in(home: ConsoleHome, page: Page) -> LogIn:
    """Logs the page in as somebody of a role, through the form."""

    def log_in(role: str = "dispatcher", org: str = ORG) -> Page:
        person = home.person(role, org)
        page.goto(f"{home.url}/login")
        page.fill("#person", person.person_id)
        page.fill("#password", person.password)
        page.click("form[action$='/login'] button")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    return log_in
