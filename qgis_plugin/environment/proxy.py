"""The proxy that QGIS's options name, for installers."""

from __future__ import annotations

import urllib.request

from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsSettings

from .proxy_variables import Proxy


def qgis_proxy() -> Proxy | None:
    """The proxy of QGIS's options (Network); None if none is set there.

    It may have to ask for the master password of QGIS's store of passwords: call it on the main thread.
    """
    settings = QgsSettings()
    kind = settings.value("proxy/proxyType", "", type=str)
    if not settings.value("proxy/proxyEnabled", False, type=bool) or kind in ("", "DefaultProxy"):
        return None
    user, password = _account(settings)
    return Proxy(
        kind=kind,
        host=settings.value("proxy/proxyHost", "", type=str),
        port=settings.value("proxy/proxyPort", "", type=str),
        user=user,
        password=password,
        exceptions=(*_texts(settings, "proxy/proxyExcludedUrls"), *_texts(settings, "proxy/noProxyUrls")),
    )


def proxy_variables() -> tuple[dict[str, str], str]:
    """Variables for an installer, and a sentence on their source for the log, without passwords."""
    proxy = qgis_proxy()
    if proxy is None:
        # Windows and macOS keep theirs in a place that uv does not read.
        system = {f"{scheme}_proxy": url for scheme, url in urllib.request.getproxies().items() if scheme != "no"}
        variables = {**system, **{name.upper(): value for name, value in system.items()}}
        return variables, "Proxy: that of the system." if system else "Proxy: none."
    variables = proxy.variables()
    if not variables:
        return {}, f"Proxy: the one in QGIS's options ({proxy.kind}) cannot carry packages; none is used."
    return variables, f"Proxy: {proxy.describe()}, from QGIS's options."


def _account(settings: QgsSettings) -> tuple[str, str]:
    stored = settings.value("proxy/authcfg", "", type=str)
    if stored:
        config = QgsAuthMethodConfig()
        if QgsApplication.authManager().loadAuthenticationConfig(stored, config, True):
            return config.config("username"), config.config("password")
    return settings.value("proxy/proxyUser", "", type=str), settings.value("proxy/proxyPassword", "", type=str)


def _texts(settings: QgsSettings, key: str) -> list[str]:
    """A list of addresses; older versions of QGIS kept it as one text."""
    value = settings.value(key, [])
    parts = value.split("|") if isinstance(value, str) else list(value or [])
    return [part.strip() for part in parts if part and part.strip()]
