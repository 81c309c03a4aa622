"""What a running process tells of itself, built from the settings: its log, its figures, and its traces where a collector is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from santiao import __version__
from santiao.domain.errors import Rejection
from santiao.domain.observing import Observer, Together
from santiao.settings import Settings
from santiao.store.log import Log
from santiao.telemetry.figures import Figures
from santiao.telemetry.logs import configure_logs
from santiao.telemetry.standing import Standing

if TYPE_CHECKING:
    from santiao.telemetry.answering import FiguresPort
    from santiao.telemetry.tracing import Tracing


class Telemetry(msgspec.Struct, frozen=True, eq=False):
    """A process's figures and traces. `observer` goes to `open_hub`; `read_from` hands the log back once the hub is open."""

    figures: Figures
    observer: Observer
    tracing: "Tracing | None"

    def read_from(self, log: Log) -> None:
        """Where traces look events up."""
        if self.tracing is not None:
            self.tracing.read_from(log)

    def open_port(self, settings: Settings, standing: Callable[[], Standing]) -> "FiguresPort":
        """A worker's own port for figures and health, which also tell its standing."""
        from santiao.telemetry.answering import FiguresPort

        self.figures.watch_standing(standing)
        return FiguresPort(settings.host, settings.metrics_port, self.figures, standing)


@contextmanager
def open_telemetry(settings: Settings, role: str) -> Iterator[Telemetry]:
    """The log configured, figures counting, traces on where `SANTIAO_TRACES` names a collector; what waits is sent at the end.

    Raises:
        Rejection: `settings.traces`, traces are wanted and the extra is not installed, or the share is none.
    """
    configure_logs(settings.log_level, form=settings.log_format)
    figures = Figures(role=role, version=__version__)
    tracing = _build_tracing(settings, role) if settings.traces else None
    observer: Observer = figures if tracing is None else Together(figures, tracing)
    try:
        yield Telemetry(figures=figures, observer=observer, tracing=tracing)
    finally:
        if tracing is not None:
            tracing.close()


def _build_tracing(settings: Settings, role: str) -> "Tracing":
    if not 0 <= settings.traces_ratio <= 1:
        raise Rejection(
            "settings.traces",
            "SANTIAO_TRACES_RATIO is a share between 0 and 1, as 0.05",
            "SANTIAO_TRACES_RATIO 应为 0 到 1 之间的比例，例如 0.05",
        )
    try:
        from santiao.telemetry.tracing import Tracing
    except ImportError:
        raise Rejection(
            "settings.traces",
            "SANTIAO_TRACES is set, and traces need the extra: pip install 'santiao[telemetry]'",
            "已设置 SANTIAO_TRACES，但未安装链路追踪组件，请执行 pip install 'santiao[telemetry]'",
        ) from None
    return Tracing(settings.traces, ratio=settings.traces_ratio, role=role, version=__version__)
