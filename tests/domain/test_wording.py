"""Phrases of the rule data: what each token means, what is masked, and that nonsense is refused with a reason."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from santiao.domain.errors import Rejection
from santiao.domain.phrases import PhraseGroup, Wording, WordList, check_phrases, compile_all
from santiao.domain.rulebook import Rulebook
from santiao.domain.wording import Condition, called_by, find, prepare, says, screen_of

WORDING = Wording(
    lists=(
        WordList("strike", ("殴打", "打伤")),
        WordList("kin", ("丈夫", "老公")),
        WordList("family", ("<kin>", "孩子")),
        WordList("no", ("没有", "未")),
        WordList("filed", ("民初", "民终")),
    ),
    groups=(PhraseGroup("acts", ("<kin> ~4 <strike>", "家暴")),),
    harmless=("打死也不", "{!殴} 打工"),
)


def meets(text: str, **condition: tuple[str, ...]) -> bool:
    wanted = Condition(**condition)
    texts = (prepare(WORDING, "narrative", text),)
    starters = called_by(screen_of(WORDING, (wanted.any_of,)), texts[0].marks).get(0, [])
    return any(True for _ in find(WORDING, wanted, texts, starters))


@pytest.mark.parametrize(
    ("phrase", "text", "met"),
    [
        ("殴打|打伤", "他被打伤了", True),
        ("殴打|打伤", "他被推了", False),
        ("<kin> ~4 <strike>", "丈夫昨晚殴打我", True),
        ("<kin> ~4 <strike>", "丈夫很晚才回来后殴打我", False),
        ("<kin> ~4 <strike>", "丈夫来了，殴打我", False),
        ("<kin> ~~4 <strike>", "丈夫来了，殴打我", True),
        ("<kin> ~~4 <strike>", "丈夫来。殴打我", False),
        ("<family> <strike>", "孩子殴打", True),
        ("@acts", "遭遇家暴", True),
        ("第 {n} 次", "第三次", True),
        ("第 {n} 次", "第12次", True),
        ("{age:0-17} ~2 <strike>", "12岁，殴打", False),
        ("{age:0-17} ~~2 <strike>", "12岁，殴打", True),
        ("{age:0-17}", "今年112岁", False),
        ("{age:0-17}", "五十七岁", False),
        ("{age:0-17}", "才十二岁", True),
        ("{age:0-17}", "两岁", True),
        ("{age:0-17}", "18岁", False),
        ("{court:filed}", "见（2026）皖0302民初12号", True),
        ("{court:filed}", "见(2026) 皖0302 民终 12 号", True),
        ("{court:filed}", "见（2026）皖0302民诉前调12号", False),
        ("{!殴} 打", "殴打", False),
        ("{!殴} 打", "挨打", True),
    ],
)
def test_what_a_phrase_finds(phrase: str, text: str, met: bool) -> None:
    assert meets(text, any_of=(phrase,)) is met


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("丈夫没有殴打我", False),
        ("没有吵架，丈夫殴打我", True),
        ("丈夫<b>殴</b>打&nbsp;我", True),
        ("丈夫　殴 打我", True),
    ],
)
def test_a_denial_counts_in_its_own_clause_and_markup_does_not_hide(text: str, met: bool) -> None:
    assert meets(text, any_of=("<kin> ~4 <strike>",), unless=("<no> ~2 <strike>",)) is met


@pytest.mark.parametrize(
    ("extra", "text", "met"),
    [
        ({"unless_sentence": ("去年",)}, "去年，丈夫殴打我", False),
        ({"unless_sentence": ("去年",)}, "去年的事。丈夫殴打我", True),
        ({"unless_text": ("去年",)}, "去年的事。丈夫殴打我", False),
        ({"with_sentence": ("正在",)}, "正在，丈夫殴打我", True),
        ({"with_sentence": ("正在",)}, "正在。丈夫殴打我", False),
        ({"with_text": ("正在",)}, "正在。丈夫殴打我", True),
    ],
)
def test_conditions_reach_as_far_as_they_are_named(extra: dict[str, tuple[str, ...]], text: str, met: bool) -> None:
    assert meets(text, any_of=("<kin> ~4 <strike>",), **extra) is met


def test_harmless_sayings_are_masked_but_not_inside_a_real_word() -> None:
    assert not meets("打死也不还", any_of=("打死",))
    assert not meets("丈夫打工去了", any_of=("打工",))
    assert prepare(WORDING, "f", "殴打工人").text == "殴打工人"
    assert says(WORDING, ("<strike>",), "殴打工人")


@pytest.mark.parametrize(
    "phrase",
    ["<nobody>", "@nothing", "~6", "打 ~99 人", "打 ~x 人", "{age:young}", "{court:none}", "{what}", "打||人", "{n}"],
)
def test_a_phrase_that_cannot_be_read_is_refused_with_itself(phrase: str) -> None:
    with pytest.raises(Rejection) as refused:
        check_phrases(WORDING, (phrase,))
    assert refused.value.code == "wording.bad_phrase"
    assert phrase.lstrip("@") in refused.value.detail


def test_a_list_that_takes_in_itself_is_refused() -> None:
    loop = Wording(lists=(WordList("a", ("<b>",)), WordList("b", ("<a>",))))
    with pytest.raises(Rejection, match="itself"):
        check_phrases(loop, ("<a>",))


@given(st.text(alphabet="丈夫殴打没有，。 <>&;打工死也不12岁\n", max_size=80))
def test_the_screen_never_hides_what_a_full_search_finds(text: str) -> None:
    prepared = prepare(WORDING, "f", text)
    for phrase in ("<kin> ~4 <strike>", "殴打|打工", "{age:0-17}", "@acts"):
        assert meets(text, any_of=(phrase,)) is says(WORDING, (phrase,), prepared.text)


def test_every_phrase_of_the_city_repeats_within_bounds(book: Rulebook) -> None:
    told = [rule.says for rule in book.gates.rules] + [rule.says for rule in book.risks.rules]
    conditions = [says for says in told if says is not None]
    phrases = {phrase for says in conditions for field in says.__struct_fields__ for phrase in getattr(says, field)}
    assert len(phrases) > 100
    for phrase in phrases:
        for compiled in compile_all(book.gates.wording, (phrase,)):
            bare = re.sub(r"\[[^\]]*\]|\\.", "", compiled.source)
            assert "*" not in bare
            assert "+" not in bare
