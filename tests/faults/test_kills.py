"""A hub killed again and again at random moments, with SIGKILL: nothing is lost, nothing happens twice, nothing is stuck.

It takes deliveries, fires timers, folds, builds views anew and hands out feedback, all at once; each life ends somewhere in between,
some before the home is made. The city is dropped on its folders a few files at a time, so that every life has work.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from santiao.bootstrap import Hub
from santiao.delivery.outbox import decode_owed
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.simulation.webhook import SECRET
from santiao.store import intake, tables
from santiao.store.delivery_tables import batches
from santiao.store.tables import POSITION_BITS
from tests.architecture.sources import ROOT
from tests.faults.zygote import CONNECTORS, FINISH, city_of, settings_of
from tests.hub.cities import facts_of
from tests.seeds import choose_seed

KILLS = 64
LONGEST_LIFE = 0.5
NEWBORNS_LIFE = 1.0
"""Some are killed before they are up: while the home is made, or opened again."""
LINES = 8
"""Lines of a webhook's or committee's file that arrive together."""


class Zygote:
    """Starts hubs, and kills them."""

    def __init__(self, city: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", str(city)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}"},
        )

    def live(
        self, home: Path, stage: Path, seed: int, seconds: float | None, *, newborn: bool = False
    ) -> tuple[int, set[str]]:
        """Let a hub live so long once it is up (or since it was forked), or as long as it wants; how it ended, and amid what."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"go {home} {stage} {seed}\n")
        self._process.stdin.flush()
        pid = int(self._read())
        if seconds is not None:
            told = "" if newborn else self._read()
            assert newborn or told == "up", told
            time.sleep(seconds)
            os.kill(pid, signal.SIGKILL)
        while not (told := self._read()).startswith("ended"):
            pass
        _, status, *inside = told.split(" ")
        return int(status), set(filter(None, "".join(inside).split(",")))

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the zygote is gone; its own errors stand above"
        return line.rstrip("\n")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    forked = Zygote(city_of(tmp_path / "stage"))
    yield forked
    forked.close()


Drops = list[list[partial[None]]]
"""What arrives, in groups that arrive together."""


def drops_of(city: Path, stage: Path) -> list[Drops]:
    """Each agency's deliveries in order: files with their markers, a day's tables, some lines of a feed."""
    for name in CONNECTORS:
        (stage / name).mkdir(parents=True)
    agencies: list[Drops] = []
    for name, pattern in (("court", "page-*.json"), ("human-resources", "劳动争议*")):
        agencies.append([[partial(drop, path, stage / name)] for path in sorted((city / name).glob(pattern))])
    petitions: Drops = []
    for path in sorted((city / "petitions").glob("*.xml")):
        marker = path.with_suffix(".ok")
        petitions.append([partial(drop, each, stage / "petitions") for each in (path, marker) if each.exists()])
    police: Drops = []
    for day in sorted((city / "police-110").glob("T_JJDB.*.csv")):
        both = (day, day.with_name(day.name.replace("T_JJDB", "T_CJFK")))
        police.append([partial(drop, each, stage / "police-110") for each in both])
    agencies += [petitions, police]
    for name, file in (("hotline-12345", "deliveries.jsonl"), ("peoples-mediation", "events.jsonl")):
        lines = (city / name / file).read_bytes().splitlines(keepends=True)
        parts = [b"".join(lines[start : start + LINES]) for start in range(0, len(lines), LINES)]
        agencies.append([[partial(write, stage / name / f"part-{n:04d}.jsonl", part)] for n, part in enumerate(parts)])
    return agencies


def interleaved(agencies: list[Drops], chance: random.Random) -> Drops:
    """All deliveries in one order that keeps each agency's own: a late ledger says something else than one in time."""
    turns = [number for number, drops in enumerate(agencies) for _ in drops]
    chance.shuffle(turns)
    waiting = [iter(drops) for drops in agencies]
    return [next(waiting[turn]) for turn in turns]


def drop(path: Path, folder: Path) -> None:
    """A file arrives whole, under its name only when it is complete."""
    hidden = folder / f".{path.name}"
    shutil.copyfile(path, hidden)
    hidden.rename(folder / path.name)


def write(path: Path, data: bytes) -> None:
    hidden = path.with_name(f".{path.name}")
    hidden.write_bytes(data)
    hidden.rename(path)


def check_after_kill(home: Path) -> None:
    """What must hold at any moment, as a reader from outside finds it."""
    path = home / "santiao.db"
    if not path.exists() or path.stat().st_size == 0:
        return
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        if reader.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'events'").fetchone() == (0,):
            return
        assert reader.execute("PRAGMA quick_check").fetchone() == ("ok",)
        for shard, position in reader.execute("SELECT shard, position FROM shards").fetchall():
            first = shard << POSITION_BITS
            found = reader.execute(
                "SELECT COUNT(*), COALESCE(MAX(id), ?) FROM events WHERE id > ? AND id < ?",
                (first, first, (shard + 1) << POSITION_BITS),
            ).fetchone()
            assert found == (position, first | position), "the log is dense up to the shard's position"
        assert_totals(dict(reader.execute("SELECT name, value FROM counters").fetchall()))


def assert_totals(counts: dict[str, int]) -> None:
    """What came in is accepted, repeated, quarantined or refused, for every connector."""
    for name in {each.partition("|")[0] for each in counts}:
        fates = sum(counts.get(f"{name}|{fate}", 0) for fate in ("accepted", "repeated", "quarantined", "refused"))
        assert counts.get(f"{name}|received", 0) == fates, name


def assert_whole(hub: Hub) -> None:
    """Log, files, views, keys and feedback agree, and nothing waits."""
    with hub.database.readable() as connection:
        assert_totals(intake.read_counts(connection))
        ids = Counter(
            meta.id
            for shard in hub.engine.log.shards(connection)
            for meta, _ in hub.engine.log.stream(connection, shard)
        )
        assert max(ids.values()) == 1, "no event id twice"
        assert connection.execute(tables.parked.select()).all() == []
        rows = connection.execute(tables.outbox.select()).all()
        known = {row.batch: row.size for row in connection.execute(batches.select())}
    assert list(hub.refolder.differences()) == []
    assert [each.view for each in hub.projector.verify() if not each.agrees] == []
    assert {row.state for row in rows} <= {"delivered"}
    files = [path for path in hub.feedback_folder.glob("*/FB_*") if path.suffix != ".ok"]
    assert {path.stem for path in files} == set(known), "every batch is one file, also one tried again after a kill"
    assert sum(known.values()) == len(rows)
    assert all(path.with_name(path.name + ".ok").exists() for path in files)
    assert all(decode_owed(row.data).key for row in rows)


def facts_without_clocks(hub: Hub) -> tuple[object, object]:
    """Source states and automatic links: what may not depend on when a process died."""
    facts = facts_of(hub)
    return {name: told[:-1] for name, told in facts.sources.items()}, facts.links


def events_in(home: Path) -> int:
    with closing(sqlite3.connect(home / "santiao.db")) as reader:
        return int(reader.execute("SELECT COUNT(*) FROM events").fetchone()[0])


def open_home(home: Path, stage: Path) -> Hub:
    return Hub(settings_of(home, stage), secrets={"HOTLINE_12345": SECRET.decode()})


def test_a_hub_killed_at_random_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, zygote: Zygote, record_property: Callable[[str, object], None]
) -> None:
    seed = choose_seed(record_property)
    chance = random.Random(seed)
    city, stage, home = tmp_path / "city", tmp_path / "stage", tmp_path / "home"
    simulate(SimulationSettings(disputes=40, seed=seed % 1000), city)
    drops = interleaved(drops_of(city, stage), chance)
    interrupted: Counter[str] = Counter()
    for kill in range(KILLS):
        for arrive in drops[len(drops) * kill // KILLS : len(drops) * (kill + 1) // KILLS]:
            for each in arrive:
                each()
        newborn = kill % 8 == 0
        life = chance.random() * (NEWBORNS_LIFE if newborn else LONGEST_LIFE)
        status, inside = zygote.live(home, stage, chance.randrange(1 << 30), life, newborn=newborn)
        assert status == -signal.SIGKILL
        interrupted.update(inside)
        check_after_kill(home)
    print(f"killed amid {dict(interrupted)}, {events_in(home)} events so far")  # noqa: T201
    assert {"intake", "timers", "projection", "rebuild"} <= set(interrupted), "every kind of work was cut short"
    (stage / FINISH).touch()
    assert zygote.live(home, stage, seed, None) == (0, set())
    assert zygote.live(tmp_path / "undisturbed", stage, seed, None) == (0, set())
    hub, undisturbed = open_home(home, stage), open_home(tmp_path / "undisturbed", stage)
    assert_whole(hub)
    assert_whole(undisturbed)
    for told, wanted in zip(facts_without_clocks(hub), facts_without_clocks(undisturbed), strict=True):
        assert told == wanted
    with hub.database.readable() as one, undisturbed.database.readable() as other:
        kept = [
            set(each.execute(tables.inbox.select().with_only_columns(tables.inbox.c.message_id)).scalars())
            for each in (one, other)
        ]
        shelved = [
            set(each.execute(tables.quarantine.select().with_only_columns(tables.quarantine.c.id)).scalars())
            for each in (one, other)
        ]
    assert kept[0] == kept[1], "every record of the city is taken"
    assert shelved[0] == shelved[1], "and what could not be understood is kept"
    hub.close()
    undisturbed.close()
