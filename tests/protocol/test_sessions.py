"""The secret: proved and never shown, kept in a file that its owner alone can read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from protocol.errors import LinkError
from protocol.sessions import COOKIE_BYTES, LONGEST_SECRET_BYTES, PROOF_BYTES, new_secret, proof, proves, secret_of

SECRET, COOKIES = b"a secret of a good length", b"c" * COOKIE_BYTES


def test_a_proof_holds_for_its_secret_cookie_and_address_alone() -> None:
    given = proof(SECRET, COOKIES, "10.0.0.3", 7_000)
    assert len(given) == PROOF_BYTES and SECRET not in given
    assert proves(SECRET, given, COOKIES, "10.0.0.3", 7_000)
    assert proves(SECRET, given, COOKIES, "::ffff:10.0.0.3", 7_000), "as a server on :: sees the same address"
    for secret, cookie, host, port in (
        (b"another secret, as long", COOKIES, "10.0.0.3", 7_000),
        (SECRET, b"d" * COOKIE_BYTES, "10.0.0.3", 7_000),
        (SECRET, COOKIES, "10.0.0.4", 7_000),
        (SECRET, COOKIES, "10.0.0.3", 7_001),
    ):
        assert not proves(secret, given, cookie, host, port)
    assert not proves(SECRET, given[:-1], COOKIES, "10.0.0.3", 7_000)


def test_a_new_secret_is_long_other_each_time_and_its_owners_alone(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    new_secret(one)
    new_secret(other)
    secrets = {secret_of(path, {}, pytest.fail) for path in (one, other)}
    assert len(secrets) == 2 and all(secret and len(secret) >= 40 for secret in secrets)
    with pytest.raises(LinkError, match="is there already"):
        new_secret(one)
    with pytest.raises(LinkError, match="cannot be written"):
        new_secret(tmp_path / "nowhere" / "secret")


def test_the_file_goes_before_the_environment_and_blanks_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\n  from the file, and long \r\n")
    environment = {"ANTIPHON_SECRET": " from the environment\n"}
    assert secret_of(file, environment) == b"from the file, and long"
    assert secret_of(None, environment) == b"from the environment"
    assert secret_of(None, {}) is None


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_file_that_others_can_read_is_told(tmp_path: Path) -> None:
    file, told = tmp_path / "secret", list[str]()
    new_secret(file)
    file.chmod(0o644)
    secret_of(file, {}, told.append)
    assert told == [f"others on this machine can read {file}; `chmod 600` keeps it yours"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 1_025, b"x" * 100_000])
def test_a_secret_too_short_or_too_long_is_refused_without_being_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(LinkError, match="has to be 16 to 1024 bytes long"):
        secret_of(file, {})
    with pytest.raises(LinkError, match=r"cannot be read: .*`antiphon secret FILE` makes one"):
        secret_of(tmp_path / "nowhere", {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("secret", ["0123456789abcdef0123", "x" * LONGEST_SECRET_BYTES])
def test_a_secret_is_the_same_on_two_machines_whatever_editor_wrote_it(
    tmp_path: Path, encoding: str, secret: str
) -> None:
    (tmp_path / "secret").write_bytes(f"{secret}\r\n".encode(encoding))
    assert secret_of(tmp_path / "secret", {}) == secret.encode()


def test_bytes_that_no_text_begins_with_are_a_secret_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe" + b"\x00\xd8" * 9)
    assert secret_of(tmp_path / "secret", {}) == b"\xff\xfe" + b"\x00\xd8" * 9
