"""The Chromium fixture drives a real browser, with fonts for Chinese and the hub's time zone."""

from playwright.sync_api import Page

# Where no font has a glyph, the browser draws every missing one alike.
DRAWN_ALIKE = """() => {
  const draw = (sign) => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    context.font = "40px sans-serif";
    context.fillText(sign, 0, 45);
    return canvas.toDataURL();
  };
  return draw("调") === draw("解");
}"""


def test_chinese_is_drawn_not_boxed(page: Page) -> None:
    page.set_content("<p id=name>三调联动</p>")
    assert page.inner_text("#name") == "三调联动"
    assert page.evaluate(DRAWN_ALIKE) is False


def test_the_page_lives_in_the_hubs_time_zone(page: Page) -> None:
    page.set_content("<p id=hour></p><script>document.all.hour.innerText = new Date(0).getHours()</script>")
    assert page.inner_text("#hour") == "8"
