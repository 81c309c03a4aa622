"""The watchdog judges progress: standing still with something waiting, and nothing else."""

from santiao.domain.errors import StoreFailure
from santiao.runtimes.kafka.watchdog import Held, Watchdog, Watched

TOPIC, BOUND = "santiao.records", 30.0


class Scene:
    """What a watchdog sees and what it did."""

    def __init__(self) -> None:
        self.reached = {0: 10, 1: 10}
        self.ends = {0: 10, 1: 10}
        self.mine = {0, 1}
        self.waits_for = ""
        self.remedied: list[str] = []
        self.restarts = 0
        watched = Watched(
            look=lambda: [Held(TOPIC, number, self.reached[number], end) for number, end in self.ends.items()],
            is_mine=lambda partition: partition in self.mine,
            waits_for=lambda: self.waits_for,
            remedy=lambda held: self.remedied.append(held.label),
            restart=self._restart,
        )
        self.watchdog = Watchdog(watched, stall_seconds=BOUND)
        self.now = 100.0

    def _restart(self) -> None:
        self.restarts += 1

    def pass_seconds(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            self.watchdog.look(self.now)


def test_rest_is_no_standstill() -> None:
    scene = Scene()
    scene.pass_seconds(300)
    assert (scene.remedied, scene.restarts, scene.watchdog.stuck()) == ([], 0, [])


def test_what_stands_still_is_told_read_again_and_then_begun_anew() -> None:
    scene = Scene()
    scene.ends[1] = 11
    scene.pass_seconds(17)
    assert scene.remedied == ["santiao.records/1"]
    assert [each.name for each in scene.watchdog.stuck()] == ["santiao.records/1"]
    assert scene.restarts == 0
    scene.pass_seconds(15)
    assert (scene.remedied, scene.restarts) == (["santiao.records/1"], 1)


def test_slow_progress_is_progress() -> None:
    scene = Scene()
    scene.ends[0] = 1000
    for _ in range(20):
        scene.pass_seconds(14)
        scene.reached[0] += 1
    assert (scene.remedied, scene.restarts) == ([], 0)


def test_waiting_behind_another_partition_is_no_standstill_but_not_for_ever() -> None:
    scene = Scene()
    scene.ends = {0: 10_000, 1: 20}
    for _ in range(200):
        scene.reached[0] += 10
        scene.pass_seconds(1)
    assert (scene.remedied, scene.restarts) == ([], 0)
    for _ in range(200):
        scene.reached[0] += 10
        scene.pass_seconds(1)
    assert scene.restarts == 1


def test_a_database_that_does_not_answer_is_no_fault_of_the_worker() -> None:
    scene = Scene()
    scene.ends[0] = 11
    scene.waits_for = "store.unreachable"
    scene.pass_seconds(300)
    assert (scene.remedied, scene.restarts) == ([], 0)


def test_what_is_anothers_is_left_to_it() -> None:
    scene = Scene()
    scene.ends[0] = 11
    scene.mine = {1}
    scene.pass_seconds(300)
    assert (scene.remedied, scene.restarts) == ([], 0)


def test_what_cannot_be_seen_is_not_judged() -> None:
    scene = Scene()

    def blind() -> list[Held]:
        raise StoreFailure("kafka.unreachable", "no broker answers")

    watched = scene.watchdog._watched._replace(look=blind)
    watchdog = Watchdog(watched, stall_seconds=0.2)
    watchdog.start()
    watchdog.stop()
    assert scene.restarts == 0
