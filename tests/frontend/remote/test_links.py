"""Links: who may do what is in the token, and printed codes can be kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from frontend.remote.links import AccessTokens, InviteLinks, Role, code_of, keys_of, runs, terminal_lines
from protocol.errors import LinkError

KEYS = AccessTokens("performer-performer", "audience-audience")


def test_a_token_is_a_role_and_anything_else_is_none() -> None:
    assert KEYS.role(KEYS.performer) is Role.PERFORMER
    assert KEYS.role(KEYS.audience) is Role.AUDIENCE
    assert [KEYS.role(token) for token in ("", "audience", KEYS.audience + "x", "ü\ud800")] == [None] * 4


def test_every_run_has_its_own_tokens() -> None:
    tokens = {token for _ in range(50) for token in vars(AccessTokens.fresh()).values()}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {16}  # 96 bits in 6 a letter


def test_a_file_keeps_the_tokens_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "links"
    keys = keys_of(path)
    assert keys_of(path) == keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys_of(None) != keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"performer": 1, "audience": 2}',
        "[" * 900,
        '{"performer": "same-same-same-same", "audience": "same-same-same-same"}',
        '{"performer": "../../../../etc/x", "audience": "audience-audience"}',
    ],
)
def test_a_file_with_something_else_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "links"
    path.write_text(text)
    with pytest.raises(LinkError, match="delete the file"):
        keys_of(path)


def test_a_link_names_the_place_and_tells_how_far_it_reaches() -> None:
    assert InviteLinks.of(KEYS, "127.0.0.1", 7425).audience == "http://127.0.0.1:7425/audience-audience/"
    assert InviteLinks.of(KEYS, "::1", 80).performer == "http://[::1]:80/performer-performer/"
    assert [InviteLinks.of(KEYS, host, 80).wide for host in ("127.0.0.1", "::1", "192.168.1.5", "0.0.0.0")] == [
        False,
        False,
        True,
        True,
    ]


def test_a_link_to_every_address_names_one_that_phones_can_ask_for() -> None:
    assert "//0.0.0.0" not in InviteLinks.of(KEYS, "0.0.0.0", 80).audience


def test_a_code_is_small_and_has_three_finders() -> None:
    code = code_of(InviteLinks.of(KEYS, "192.168.100.200", 7425).audience)
    assert len(code) == len(code[0]) <= 33
    finder = [row[:7] for row in code[:7]]
    assert finder[0] == (True,) * 7
    assert finder == [row[-7:] for row in code[:7]] == [row[:7] for row in code[-7:]]


def test_the_strips_of_a_code_are_its_dark_modules() -> None:
    code = code_of("http://127.0.0.1:7425/x/")
    dark = {(x, y) for y, row in enumerate(code) for x, module in enumerate(row) if module}
    assert {(x + i, y) for x, y, wide in runs(code) for i in range(wide)} == dark
    lines = terminal_lines(code)
    assert len(lines) == (len(code) + 8 + 1) // 2
    assert {len(line) for line in lines} == {len(code) + 8}
