"""`santiao connect` and `santiao api`: agencies asked by a process of their own, killed on the way, and a city served by another."""

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from santiao.bootstrap import Hub
from santiao.settings import Settings
from santiao.simulation.front_end import FrontEnd
from santiao.simulation.settings import SimulationSettings
from santiao.simulation.simulator import simulate
from santiao.store import intake
from tests.hub.cities import facts_of
from tests.runtimes.cluster.processes import Cluster, running
from tests.services.postgres import PostgresServer


def test_what_agencies_tell_reaches_the_hub_through_a_connector_that_dies_on_the_way(
    tmp_path: Path, kafka: str, postgres: PostgresServer
) -> None:
    city = tmp_path / "city"
    simulate(SimulationSettings(disputes=25, seed=3), city)
    front_end = FrontEnd(tmp_path / "qzk.sqlite")
    front_end.load(sorted((city / "police-110").glob("T_*.csv"), key=lambda path: int(path.stem.rpartition("day")[2])))
    sources = {"police-110": front_end.url, "petitions": str(city / "petitions")}
    home = tmp_path / "cluster"
    cluster = Cluster(home, kafka, postgres.create(), prefix=f"{tmp_path.name}.", sources=sources)
    with running(cluster):
        cluster.make_topics()
        connector = cluster.start("connect")
        cluster.wait_for("the first records to be sent", lambda: cluster.ends() > 0)
        connector.send_signal(signal.SIGKILL)
        cluster.start("worker", "--only", "receive")
        cluster.start("connect", "petitions", "police-110")
        cluster.wait_for("every feed to have been read", lambda: len(watermarks(cluster)) == len(sources))
        straight = Hub(Settings(home=tmp_path / "straight", clock="follow"))
        for name, source in sources.items():
            straight.receive_once(name, [source], lambda _n: None)
        told = facts_of(straight)
        straight.close()
        assert told.sources
        # A feed is read in turns, and between two of them everything that was sent may be taken: only the facts say that all came.
        cluster.wait_for("the facts of one straight reading", lambda: facts_of(cluster.hub) == told)
        cluster.wait_for("every record to be taken", lambda: cluster.taken() == cluster.ends())
        assert facts_of(cluster.hub) == told
        check_counts(cluster)


def test_the_api_is_served_by_itself(tmp_path: Path, kafka: str, postgres: PostgresServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = Cluster(tmp_path / "cluster", kafka, postgres.create(), prefix=f"{tmp_path.name}.", port=port)
    with running(cluster):
        cluster.start("api")
        cluster.wait_for("the API to answer", lambda: ask(port, "/health/ready") == 200)
        assert ask(port, "/v1/openapi.json") == 200
        assert ask(port, "/v1/cases") == 401
        assert ask(port, "/console/login") == 200
        assert cluster.stop() == [0], cluster.logs()


def ask(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            json.loads(answer.read()) if path.endswith(".json") else answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        time.sleep(0.1)
        return 0


def watermarks(cluster: Cluster) -> list[str]:
    with cluster.hub.database.readable() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT connector FROM watermarks")]


def check_counts(cluster: Cluster) -> None:
    """Every message on the topic was counted once, and every item that gave no record besides."""
    with cluster.hub.database.readable() as connection:
        counts = intake.read_counts(connection)
    for name in ("police-110", "petitions"):
        told = {state: counts.get(f"{name}|{state}", 0) for state in ("accepted", "repeated", "quarantined", "refused")}
        assert counts[f"{name}|received"] == sum(told.values())
        assert told["accepted"] > 0
