"""The cluster's bench: `python -m bench.cluster` prints one JSON document; what is going on is told on stderr."""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence

import msgspec

from bench.__main__ import tell, unmet_of
from bench.cluster.postgres import measure_postgres
from bench.cluster.through_kafka import measure_kafka
from bench.machine import look_at_machine
from tests.services.kafka import running_cluster
from tests.services.postgres import running_server

EXAMPLES = """examples:
  python -m bench.cluster                what the cluster does, some minutes on two cores
  python -m bench.cluster --cases 1000   the same, smaller
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 also when a figure is missed."""
    parser = argparse.ArgumentParser(
        prog="bench.cluster", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=10_000, help="how many cases a city has (default 10000)")
    parser.add_argument("--records", type=int, default=10_000, help="how many records go through Kafka (default 10000)")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    machine = look_at_machine(tempfile.gettempdir())
    with running_server(durable=True) as server, running_cluster(1) as brokers:
        postgres = measure_postgres(server, given.cases, tell)
        kafka = measure_kafka(server, brokers.bootstrap, postgres, given.records, tell)
        document = {"machine": machine, "postgres": postgres, "kafka": kafka}
    plain = msgspec.to_builtins(document)
    seconds = round(time.perf_counter() - began, 1)
    sys.stdout.write(msgspec.json.encode({**plain, "unmet": unmet_of(plain), "seconds": seconds}).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
