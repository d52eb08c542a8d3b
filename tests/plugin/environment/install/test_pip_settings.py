from __future__ import annotations

import pytest

from qgis_plugin.environment.install.pip_settings import parse_pip_settings, without_credentials


def test_a_variable_beats_the_section_install_which_beats_global() -> None:
    settings = parse_pip_settings(
        [
            ":env:.index-url='https://variable.example/simple'",
            "global.index-url='https://global.example/simple'",
            "install.find-links='/install'",
            "global.find-links='/global'",
            "freeze.timeout='10'",
            "a line that means nothing",
        ]
    )
    assert settings.values == {"index-url": "https://variable.example/simple", "find-links": "/install"}


def test_all_settings_reach_uv_under_its_names() -> None:
    lines = [
        "global.index-url='https://a.example/simple'",
        "global.extra-index-url='https://b.example/simple\\nhttps://c.example/simple'",
        "global.find-links='/one /two'",
        "global.constraint='/constraints.txt'",
        "global.cert='/ca.pem'",
        "global.client-cert='/me.pem'",
        "global.trusted-host='a.example b.example'",
        "global.proxy='http://proxy:3128'",
        ":env:.default-timeout='180'",
    ]
    assert parse_pip_settings(lines).for_uv() == {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_EXTRA_INDEX_URL": "https://b.example/simple https://c.example/simple",
        "UV_FIND_LINKS": "/one,/two",
        "UV_CONSTRAINT": "/constraints.txt",
        "SSL_CERT_FILE": "/ca.pem",
        "SSL_CLIENT_CERT": "/me.pem",
        "UV_INSECURE_HOST": "a.example b.example",
        "HTTP_PROXY": "http://proxy:3128",
        "HTTPS_PROXY": "http://proxy:3128",
        "UV_HTTP_TIMEOUT": "180",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_what_uv_does_not_know_is_named_and_what_does_not_matter_is_not() -> None:
    settings = parse_pip_settings(
        ["global.prefer-binary='true'", "global.no-cache-dir='true'", "global.index-url='https://a.example'"]
    )
    assert settings.unknown_to_uv() == ["prefer-binary"]


def test_no_index_becomes_a_flag() -> None:
    assert parse_pip_settings(["global.no-index='true'"]).uv_flags() == ["--no-index"]
    assert parse_pip_settings(["global.no-index='false'"]).uv_flags() == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("https://me:secret@host/simple and more", "https://***@host/simple and more"),  # pragma: allowlist secret
        ("http://token@host:80", "http://***@host:80"),
        ("https://host/a@b", "https://host/a@b"),
    ],
)
def test_passwords_are_taken_out_of_lines(line, shown) -> None:
    assert without_credentials(line) == shown
