"""A proxy as programs on a command line want it: in variables."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_SCHEMES = {"HttpProxy": "http", "HttpCachingProxy": "http", "Socks5Proxy": "socks5"}


@dataclass(frozen=True)
class Proxy:
    """A proxy as QGIS's options name it.

    Attributes
    ----------
    kind : HttpProxy, HttpCachingProxy or Socks5Proxy; others carry no packages
    exceptions : addresses or hosts that are reached without it
    """

    kind: str
    host: str
    port: str = ""
    user: str = ""
    password: str = ""
    exceptions: tuple[str, ...] = ()

    def variables(self) -> dict[str, str]:
        """HTTP_PROXY and its like, in both spellings, since programs differ; empty if it is of no use."""
        scheme = _SCHEMES.get(self.kind)
        if scheme is None or not self.host:
            return {}
        account = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        address = f"{scheme}://{account}{self.host}" + (f":{self.port}" if self.port not in ("", "0") else "")
        hosts = ",".join(["localhost", "127.0.0.1", *(_host(exception) for exception in self.exceptions)])
        variables = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "NO_PROXY": hosts}
        return {**variables, **{name.lower(): value for name, value in variables.items()}}

    def describe(self) -> str:
        """For the log: without user and password."""
        return f"{self.host}:{self.port}" if self.port not in ("", "0") else self.host


def _host(exception: str) -> str:
    """The host of an address; QGIS's exceptions are beginnings of addresses, those of other programs are hosts."""
    address = exception if "//" in exception else f"//{exception}"
    return urlsplit(address).hostname or exception.strip("/")
