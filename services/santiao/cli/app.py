"""The command line's root: its groups, and how failures are told.

A failure the hub raises on purpose is one line in Chinese and English on stderr and exit code 1; `--json` keeps stdout for data alone.
"""

import sys

import typer

from santiao.cli import access, cases, cluster, feedback, intake, keeping, law, running, views
from santiao.domain.errors import SantiaoError

app = typer.Typer(
    name="santiao",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="三调联动 integration hub between public agencies: deliveries in, linked cases and served views out.",
)
for group in (intake, cases, views, law, access, feedback, keeping, running, cluster):
    group.register(app)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SantiaoError as error:
        sys.stderr.write(f"santiao: {error.detail_zh}\nsantiao: {error.code}: {error.detail}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
