"""One file over HTTP, whole or not at all: resumed where it broke off, bounded, cached by its address.

While it comes it is NAME.part with what the server said of its version beside it; whole, it is renamed. The calling
thread waits; ``report`` is called from it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from protocol.atomic_file import leave_room, write_atomically
from protocol.errors import FetchError

MAX_DOWNLOAD_BYTES = 400_000_000  # of one download; the largest that a shipped card names is some 140 million
MAX_FAILURES = 4  # in a row that bring nothing new
MAX_REQUESTS = 60  # for one file, all told
RETRY_PAUSE_S = 1.0  # seconds before the first new attempt, doubled for each further one
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 15.0, 30.0
USER_AGENT = "antiphon-styles/1"


@dataclass(frozen=True)
class Progress:
    """How far the download of ``address`` is, in bytes; ``total`` is None where the server does not say."""

    address: str
    done: int
    total: int | None


Report = Callable[[Progress], None]


def no_report(progress: Progress) -> None:
    """For callers who do not watch."""


class NotThere(FetchError):
    """The server has no such file; another address may."""


def open_client() -> httpx.Client:
    """A client with this module's patience; the caller closes it."""
    return httpx.Client(
        follow_redirects=True,
        max_redirects=5,
        timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},  # ranges count the bytes of the file itself
    )


def cached(address: str, folder: Path) -> Path:
    """Where in ``folder`` the file at ``address`` is kept."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", unquote(urlsplit(address).path).rsplit("/", 1)[-1])[-60:].lstrip(".")
    return folder / f"{sha256(address.encode()).hexdigest()[:16]}-{name or 'index'}"


def download(
    address: str,
    folder: Path,
    client: httpx.Client,
    report: Report = no_report,
    most_bytes: int = MAX_DOWNLOAD_BYTES,
    pause: float = RETRY_PAUSE_S,
) -> Path:
    """The file at ``address``, from ``folder`` if it is there whole, else fetched into it.

    Raises ``NotThere`` for 404 and 410, and ``FetchError`` for a server that refuses, fails ``MAX_FAILURES`` times in a
    row, or sends more than ``most_bytes``. What came is kept, so that the next call goes on from there.
    """
    path = cached(address, folder)
    if path.exists():
        report(Progress(address, path.stat().st_size, path.stat().st_size))
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = _Part(path)
    failures = 0
    for request in range(1, MAX_REQUESTS + 1):
        before = part.size
        try:
            _receive(address, part, client, report, most_bytes)
        except (httpx.TransportError, _Unfinished) as error:
            failures = 1 if part.size > before else failures + 1
            if failures >= MAX_FAILURES or request == MAX_REQUESTS:
                raise FetchError(_given_up(address, part.size, error)) from None
            time.sleep(pause * 2 ** (failures - 1))
        except (httpx.InvalidURL, httpx.TooManyRedirects, httpx.DecodingError) as error:
            raise FetchError(f"{address} cannot be fetched ({_short(error)})") from None
        except OSError as error:
            raise FetchError(f"{path.parent} cannot be written ({error.strerror or error})") from None
        else:
            break
    part.finish(address)
    return path


def _given_up(address: str, size: int, error: Exception) -> str:
    if size:
        return f"{address} broke off after {size:,} bytes ({_short(error)}): fetch again to go on from there"
    return f"{address} cannot be reached ({_short(error)}): look to the network and fetch again"


class _Unfinished(Exception):
    """The server failed or stopped early: worth another attempt."""


def _receive(address: str, part: _Part, client: httpx.Client, report: Report, most_bytes: int) -> None:
    """One request; returns when the file is whole in ``part``."""
    with client.stream("GET", address, headers=part.resume_headers()) as response:
        _refuse_status(address, response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise FetchError(f"{address} came compressed though plain bytes were asked for: it cannot be checked")
        if response.status_code == 416:  # nothing after what we have: either it is whole, or it is another file now
            if _total(response) != part.size:
                part.clear()
                raise _Unfinished("the file at the server has changed")
            return
        continued = response.status_code == 206 and _first_byte(response) == part.size
        if response.status_code == 206 and not continued:
            part.clear()
            raise _Unfinished("the server resumed at another place")
        total = _total(response)
        if total is not None and total > most_bytes:
            raise FetchError(f"{address} is {total:,} bytes, more than the {most_bytes:,} that a text may be")
        with part.open(response, continued) as write:
            report(Progress(address, part.size, total))
            for chunk in response.iter_raw():
                if part.size + len(chunk) > most_bytes:
                    part.clear()
                    raise FetchError(f"{address} sends more than the {most_bytes:,} bytes that a text may be")
                write(chunk)
                report(Progress(address, part.size, total))
        if total is not None and part.size != total:
            raise _Unfinished(f"{total:,} bytes were promised")


def _refuse_status(address: str, status: int) -> None:
    if status in (404, 410):
        raise NotThere(f"{address} is not there (HTTP {status})")
    if status == 429 or status >= 500:
        raise _Unfinished(f"HTTP {status}")
    if status not in (200, 206, 416):
        raise FetchError(f"{address} cannot be fetched (HTTP {status})")


def _total(response: httpx.Response) -> int | None:
    """Bytes of the whole file, where the server says so."""
    if found := re.fullmatch(r"bytes (?:\d+-\d+|\*)/(\d+)", response.headers.get("content-range", "")):
        return int(found[1])
    length = response.headers.get("content-length", "")
    return int(length) if response.status_code == 200 and length.isdigit() else None


def _first_byte(response: httpx.Response) -> int | None:
    found = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    return int(found[1]) if found else None


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]


class _Part:
    """The beginning of a file that is still coming, and the validator (ETag or date) of the version it is of."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._version = path.with_name(path.name + ".version")
        self.size = self._part.stat().st_size if self._part.exists() else 0

    def resume_headers(self) -> dict[str, str]:
        """What asks for the rest; nothing where there is no beginning, or none that can be told to be the same file."""
        try:
            validator = json.loads(self._version.read_text("utf-8"))
        except (OSError, ValueError):
            validator = None
        if not (self.size and isinstance(validator, str)):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": validator}

    @contextmanager
    def open(self, response: httpx.Response, continued: bool) -> Iterator[Callable[[bytes], None]]:
        if not continued:
            self.clear()
            etag = response.headers.get("etag", "")
            strong = etag if etag and not etag.startswith("W/") else response.headers.get("last-modified")
            write_atomically(self._version, json.dumps(strong))
        with self._part.open("ab") as file:

            def write(chunk: bytes) -> None:
                leave_room(self._part.parent, len(chunk))
                file.write(chunk)
                self.size += len(chunk)

            yield write

    def clear(self) -> None:
        self._part.unlink(missing_ok=True)
        self._version.unlink(missing_ok=True)
        self.size = 0

    def finish(self, address: str) -> None:
        """Give the file its name, unless another process has been writing it too."""
        if not self._part.exists() or self._part.stat().st_size != self.size:
            self.clear()
            raise FetchError(f"{address} is being fetched by another process too: wait for that, then fetch again")
        self._part.replace(self._path)
        self._version.unlink(missing_ok=True)
