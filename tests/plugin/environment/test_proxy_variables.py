from __future__ import annotations

from qgis_plugin.environment.proxy_variables import Proxy


def test_a_proxy_with_account_and_exceptions() -> None:
    proxy = Proxy(
        kind="HttpProxy",
        host="proxy.example",
        port="3128",
        user="me@firm",
        password="s/e:c",  # pragma: allowlist secret
        exceptions=("http://intra.example:8080/maps", "files.example"),
    )
    variables = proxy.variables()

    assert (
        variables["HTTPS_PROXY"] == variables["http_proxy"] == "http://me%40firm:s%2Fe%3Ac@proxy.example:3128"
    )  # pragma: allowlist secret
    assert variables["NO_PROXY"] == variables["no_proxy"] == "localhost,127.0.0.1,intra.example,files.example"
    assert proxy.describe() == "proxy.example:3128"


def test_kinds() -> None:
    assert Proxy("Socks5Proxy", "host", "0").variables()["HTTPS_PROXY"] == "socks5://host"
    assert Proxy("FtpCachingProxy", "host").variables() == {}
    assert Proxy("HttpProxy", "").variables() == {}
