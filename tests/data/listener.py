"""A server on this machine that notes who asks it for something."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ANSWER = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_OWN = "own"


class Listener:
    """Attributes: ``host``, and ``address`` with it."""

    def __init__(self, server: socket.socket) -> None:
        self.host = f"127.0.0.1:{server.getsockname()[1]}"
        self.address = f"http://{self.host}"
        self._server = server
        self._requests: list[str] = []
        self._seen_own = threading.Event()

    def requests(self) -> list[str]:
        """The first lines of all requests up to now: one of its own is sent, and those before it have been taken by then."""
        self._seen_own.clear()
        host, port = self.host.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"{_OWN}\r\n".encode())
            assert self._seen_own.wait(60)
        return list(self._requests)

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    line = connection.recv(1000).decode("latin-1").partition("\r\n")[0]
                    connection.sendall(_ANSWER)
                except OSError as error:  # who asked has gone already
                    line = str(error)
            if line == _OWN:
                self._seen_own.set()
            else:
                self._requests.append(line)


@contextmanager
def listening() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server)
        threading.Thread(target=listener.listen, daemon=True).start()
        yield listener
