"""Reading what agencies answered to feedback: files in `<feedback>/<agency>/replies/`, each once.

The rule kept here: a file that is no reply is put aside under another name and told of, so that it is looked at by a person and not read
over and over.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

from santiao.delivery.answers import AnswerBook
from santiao.delivery.files import REPLIES
from santiao.domain.errors import InvalidRecord

logger = logging.getLogger(__name__)
_DONE, _BAD = ".read", ".unreadable"
_RUN = 50


class ReplyReader:
    """Looks for replies below the feedback folder."""

    def __init__(self, folder: Path, answers: AnswerBook) -> None:
        self._folder = folder
        self._answers = answers

    def turn(self) -> bool:
        """Read what is there, a bounded number at a time; True when there may be more."""
        for read, (agency, path) in enumerate(self._waiting()):
            if read == _RUN:
                return True
            self._read(agency, path)
        return False

    def _waiting(self) -> Iterator[tuple[str, Path]]:
        for folder in sorted(self._folder.glob(f"*/{REPLIES}")):
            for path in sorted(folder.glob("*.json")):
                if path.is_file() and not path.name.startswith("."):
                    yield folder.parent.name, path

    def _read(self, agency: str, path: Path) -> None:
        try:
            report = self._answers.read_file(agency, path)
        except InvalidRecord as failure:
            logger.warning("a reply cannot be read and is put aside", extra={"agency": agency, "code": failure.code})
            path.rename(path.with_name(path.name + _BAD))
            return
        logger.info(
            "a reply was read",
            extra={
                "agency": agency,
                "taken": report.taken,
                "conflict": report.conflict,
                "failed": report.failed,
                "known": report.known,
            },
        )
        path.rename(path.with_name(path.name + _DONE))
