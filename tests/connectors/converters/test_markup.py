"""HTML in narrative (N17): tags by name, entities, images pasted as text."""

from hypothesis import given
from hypothesis import strategies as st

from santiao.connectors.converters.markup import strip_markup


def test_paragraphs_become_lines_and_entities_characters() -> None:
    text, notes = strip_markup(
        "<p>来电人称，租住曹山新村。&nbsp;</p><P class='a'>诉求：尽快解决&lt;3日&gt;。</p><br/>完"
    )
    assert text.strip() == "来电人称，租住曹山新村。\n诉求：尽快解决<3日>。\n完"
    assert notes == ["markup_stripped"]


def test_what_is_no_tag_by_name_stays() -> None:
    assert strip_markup("<张三>说a<b，欠款<5万元") == ("<张三>说a<b，欠款<5万元", [])


def test_pasted_images_scripts_and_comments_go() -> None:
    text, notes = strip_markup("见图data:image/png;base64,iVBORw0KGgo=。<script>alert('<p>')</script>好<!-- <b> -->")
    assert text == "见图。好"
    assert notes == ["image_removed", "markup_stripped"]


def test_a_tag_cut_off_at_the_end_goes() -> None:
    assert strip_markup('正文<img src="http')[0] == "正文"


def test_table_cells_do_not_run_together() -> None:
    assert strip_markup("<table><tr><td>0</td><td>记录</td></tr></table>")[0].split() == ["0", "记录"]


@given(st.text(alphabet="<>/!-p& b=;scripty\"'甲", max_size=300))
def test_stripping_never_makes_text_longer(text: str) -> None:
    assert len(strip_markup(text)[0]) <= len(text)


def test_hostile_text_is_stripped_in_one_pass() -> None:
    """Quadratic work on these would take hours."""
    for piece in ("<!--", "<p ", "<script", "&lt;", "</p", "<a <"):
        strip_markup(piece * 100_000)
