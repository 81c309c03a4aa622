"""Agencies that send by HTTP: the hotline's signed webhook, the committees' CloudEvents.

The rule kept here: what was written is sent, byte for byte; a sender that is not let in, or asked to wait, does what a real one does.
"""

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from urllib.parse import urlsplit

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)


class Sender:
    """Sends to one hub over one connection, opened again when it broke."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._connection: HTTPConnection | None = None

    def send_hook(self, path: str, line: bytes) -> int:
        """Send one saved delivery of a webhook (`{"received_at", "headers", "body"}`); the answer's status."""
        told = json.loads(line)
        headers = {str(name): str(value) for name, value in told["headers"].items()}
        return self._send(path, headers, told["body"].encode())

    def send_event(self, path: str, line: bytes, key: str) -> int:
        """Send one CloudEvent in structured form with an agency's key; the answer's status."""
        headers = {"Content-Type": "application/cloudevents+json; charset=UTF-8", "Authorization": f"Bearer {key}"}
        return self._send(path, headers, line)

    def _send(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        status = 0
        for pause in (*_PAUSES, 0.0):
            try:
                if self._connection is None:
                    self._connection = HTTPConnection(self._host, self._port, timeout=60)
                self._connection.request("POST", path, body=body, headers=dict(headers))
                answer = self._connection.getresponse()
                answer.read()
                status = answer.status
                if status not in {429, 503}:
                    return status
            except (OSError, ValueError):
                self.close()
            time.sleep(pause)
        return status

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
