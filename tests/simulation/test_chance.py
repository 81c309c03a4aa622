"""Chance is one seed's, and shares come out as asked."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from santiao.simulation.chance import Chance, Lottery


def test_a_seed_gives_its_draws() -> None:
    assert [Chance(7, "a").draw() for _ in range(3)] == [Chance(7, "a").draw() for _ in range(3)]
    assert Chance(7, "a").draw() != Chance(7, "b").draw() != Chance(8, "b").draw()


@given(st.floats(min_value=0, max_value=1, exclude_max=True), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_every_share_wins_something(share: float, weights: list[int]) -> None:
    lottery = Lottery(dict(enumerate(map(float, weights))))
    assert lottery.at(share) in range(len(weights))


def test_weights_are_kept() -> None:
    chance, lottery = Chance(1), Lottery({"often": 9.0, "seldom": 1.0, "never": 0.0})
    won = Counter(chance.win(lottery) for _ in range(5000))
    assert 0.07 < won["seldom"] / 5000 < 0.13
    assert won["never"] == 0


@given(st.integers(-20, 20), st.integers(0, 30))
def test_between_includes_both_ends(low: int, width: int) -> None:
    chance = Chance(low, width)
    drawn = {chance.between(low, low + width) for _ in range(400)}
    assert min(drawn) >= low
    assert max(drawn) <= low + width
    if width < 5:
        assert drawn == set(range(low, low + width + 1))


def test_a_sample_has_no_value_twice() -> None:
    values = list(range(9))
    assert sorted(Chance(2).shuffled(values)) == values
    assert len(set(Chance(2).sample(values, 4))) == 4
    assert len(Chance(2).sample(values, 40)) == 9
