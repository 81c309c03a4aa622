"""Commands that run the hub: serve, demo."""

import shlex
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from santiao.cli import output
from santiao.cli.intake import JsonOption

if TYPE_CHECKING:
    from santiao.bootstrap.demo import Demo
    from santiao.bootstrap.demo_summary import DemoSummary


def register(app: typer.Typer) -> None:
    """Add the group's commands."""
    app.command(epilog="Example: santiao serve")(serve)
    app.command(epilog="Example: santiao demo --once --json")(demo)


def serve() -> None:
    """Run the embedded hub: connectors, core, projections, delivery, API and console in one process."""
    from santiao.bootstrap import serve_home

    serve_home()


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play everything, print the summary, exit.")] = False,
    json: JsonOption = False,
) -> None:
    """Play five invented agencies' deliveries into a hub of its own in a temporary home, as those agencies would; then serve it."""
    from santiao.bootstrap.demo import open_demo
    from santiao.bootstrap.serving import listen_for_signals

    stop = threading.Event()
    with output.progress_bar("simulate") as bar, open_demo(once=once, progress=bar.show) as (played, clock):
        listen_for_signals(stop)
        summary = played.play(clock, bar.show)
        bar.hide()
        if json:
            output.print_json(summary)
        else:
            _tell(summary)
        if once:
            return
        _tell_logins(played, summary)
        played.service.wait(stop)


def _tell(summary: "DemoSummary") -> None:
    words = ("received", "accepted", "repeated", "quarantined", "refused", "blocked")
    rows = [[name, *(told[word] for word in words)] for name, told in summary.agencies.items()]
    output.print_table(("agency 机构", *words), [*rows, ["", *(summary.in_all[word] for word in words)]])
    links = ", ".join(f"{number} {state}" for state, number in summary.links.items())
    owed = sum(account.owed for account in summary.feedback)
    several = f"{summary.cases_with_several_sources} told of by several sources 多来源"
    told = (
        f"cases 案件: {summary.cases}, {summary.open_cases} open 在办, {several}",
        f"links 关联: {links}",
        f"feedback owed 应反馈: {owed}",
        f"events 事件: {summary.events}",
        f"home 数据目录 (kept 保留): {summary.home}",
    )
    for line in told:
        output.people.print(line, highlight=False, soft_wrap=True)


def _tell_logins(played: "Demo", summary: "DemoSummary") -> None:
    """Who may log in, on stderr, so that stdout holds the summary alone."""
    url = played.service.url
    output.errors.print(f"\n[bold]控制台 console[/bold]  {url}/console", highlight=False)
    for login in played.add_people():
        output.errors.print(f"  {login.role:<11} {login.person_id}  {login.password}", highlight=False, markup=False)
    output.errors.print(f"[bold]接口 API[/bold]  {url}/v1/docs", highlight=False)
    asked = f"-H 'Authorization: Bearer {played.issue_court_key()}' -H 'Santiao-Purpose: handle'"
    output.errors.print(f"  curl {asked} {url}/v1/cases", highlight=False, markup=False, soft_wrap=True)
    output.errors.print("[bold]命令行 commands[/bold]  in another terminal 另开终端", highlight=False)
    home = shlex.quote(str(summary.home))
    output.errors.print(f"  export SANTIAO_HOME={home}; .venv/bin/santiao cases", highlight=False, soft_wrap=True)
    output.errors.print("Ctrl-C 结束 / ends it", highlight=False)
