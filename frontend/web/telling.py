"""What readers of the stage are told: voices, the text as it stands, and each character with whose it is.

Every message is one JSON object, the same as a server-sent event and on the websocket (docs/show.md). A reader has a
``Mark``: what it knows. ``Telling.after`` gives what is new since a mark, so that a reader which was away, or is slow,
is told the whole of what it lacks at once, and no reader has a queue. What many are told is put together once. Pure;
one thread.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from frontend.client.session_state import SessionState
from frontend.creature.artist import AnyArtist
from frontend.look.colour import Palette, hex_of_rgb
from frontend.look.png import png
from frontend.look.surplus import leads
from frontend.stage.look import StageTheme
from protocol.errors import MessageError
from protocol.messages import SpriteShown, Tint
from protocol.sentences import SENTENCE_END_CHARS, ends_sentence
from protocol.sprites import Picture, request_of_shown

PAGE_CHARS = 2_000  # characters of the text as it stands
MAX_CAUGHT_UP_CHARS = 2_000  # characters that a reader may lack and still be told one by one
LONGEST_WORD_CHARS = 40  # characters of a word that has ended
SPRITE_LAPSES_S = 3.0  # seconds after which what nobody says any more is not shown any more
NO_CREATURE = '{"creature":null}'
TOLD_KEPT = 64  # messages that were put together lately


@dataclass(frozen=True)
class Mark:
    """What a reader knows: the text of ``epoch`` up to ``position``, which voices there are (by ``cards``), and whether
    the ``stage`` is black (1), frozen (2) or both; -1: not known.

    ``run`` is another number whenever this program was started.
    """

    run: int = 0
    epoch: int = 0
    revision: int = 0
    position: int = 0
    cards: int = 0
    stage: int = -1

    def __str__(self) -> str:
        return f"{self.run}.{self.epoch}.{self.revision}.{self.position}"

    @classmethod
    def of(cls, words: str) -> Mark:
        """The mark that ``str`` gave; one that knows nothing for anything else."""
        parts = words.split(".")
        if len(parts) != 4 or not all(part.isdecimal() and len(part) < 12 for part in parts):
            return NOTHING
        return cls(*map(int, parts))


NOTHING = Mark()


class Telling:
    """Of ``session``, in the colours of ``theme``."""

    def __init__(self, session: SessionState, theme: StageTheme, advance: float = 0.5) -> None:
        """``advance``: how wide a letter is, in ems of its face."""
        self._session, self._theme, self._advance = session, theme, advance
        self._run = 1 + secrets.randbelow(1_000_000)
        self._told: OrderedDict[tuple[Mark, Mark], str] = OrderedDict()
        self._palette, self._palette_of = Palette(()), tuple[str, ...]()
        self._held: tuple[Mark, dict[str, Any]] | None = None  # the end of a text that stands still, and the text

    def follow_stage(self) -> None:
        """Let the text stand still where the stage's picture does; as often as there is news."""
        stands = self._session.stands
        if stands is None or not stands.frozen:
            self._held = None
        elif self._held is None and self._session.cards:
            now = self._present
            self._held = now, self._page(now.position)

    @property
    def newest(self) -> Mark:
        """What there is to know now. What is not here yet, for a datagram was lost, is waited for."""
        stands, now = self._session.stands, self._present if self._held is None else self._held[0]
        stage = 0 if stands is None else stands.black + 2 * stands.frozen
        return replace(now, cards=id(self._session.cards) if self._session.cards else 0, stage=stage)

    @property
    def _present(self) -> Mark:
        session = self._session
        missing = session.missing()
        end = session.length if missing is None else max(session.dropped, min(missing, session.length))
        return Mark(self._run, session.epoch, session.revision, end)

    def after(self, mark: Mark) -> tuple[str, Mark]:
        """What a reader that knows ``mark`` is told, as JSON, and what it knows then; nothing where it knows all."""
        newest = self.newest
        if newest == mark or not newest.cards:
            return "", mark
        key = mark, newest
        if key not in self._told:
            self._told[key] = json.dumps(self._message(mark, newest), separators=(",", ":"))
            if len(self._told) > TOLD_KEPT:
                self._told.popitem(last=False)
        return self._told[key], newest

    def _message(self, mark: Mark, newest: Mark) -> dict[str, Any]:
        session = self._session
        message: dict[str, Any] = {}
        slugs = session.slugs
        if mark.cards != newest.cards:
            message["voices"] = [
                {"slug": card.slug, "name": card.name, "colour": card.colour} for card in session.cards
            ]
            message["look"] = {
                "ground": self._theme.ground,
                "ink": self._theme.ink,
                "advance": self._advance,
                "creature": self._theme.creature,
            }
        if mark.stage != newest.stage:
            message["stage"] = {"black": bool(newest.stage & 1), "frozen": bool(newest.stage & 2)}
        lacking = newest.position - mark.position
        same = (mark.run, mark.epoch, mark.revision) == (newest.run, newest.epoch, newest.revision)
        if same and not lacking:
            pass
        elif self._held is not None:
            message["text"] = self._held[1]
        elif same and mark.position >= session.dropped and 0 <= lacking <= MAX_CAUGHT_UP_CHARS:
            message["characters"] = self._characters(mark.position, newest.position, slugs)
        else:
            message["text"] = self._page(newest.position)
        return {"epoch": newest.epoch, **message}

    def _page(self, end: int) -> dict[str, Any]:
        """The end of the text as it stands, from a line's beginning on where there is one."""
        session = self._session
        start = max(session.dropped, end - PAGE_CHARS)
        text = session.text[start - session.dropped : end - session.dropped]
        if start > 0 and "\n" in text:
            cut = text.index("\n") + 1
            start, text = start + cut, text[cut:]
        runs: list[list[Any]] = []
        for colour in self._colours(start, end):
            if runs and runs[-1][0] == colour:
                runs[-1][1] += 1
            else:
                runs.append([colour, 1])
        return {"position": start, "text": text, "colours": runs}

    def _characters(self, start: int, end: int, slugs: Sequence[str]) -> list[dict[str, Any]]:
        session = self._session
        first = start - session.dropped
        text, found = session.text, []
        for place, colour in enumerate(self._colours(start, end), first):
            letter: dict[str, Any] = {"position": place + session.dropped, "character": text[place], "colour": colour}
            if shares := _shares(session.tints[place], slugs):
                letter["shares"] = shares
            surprise = session.surprise(place + session.dropped)
            if surprise is not None:
                letter["surprise"] = round(surprise, 2)
            if text[place].isspace() and (word := _last_word(text[max(0, place - LONGEST_WORD_CHARS) : place])):
                letter["word"] = word
            if ends_sentence(text[max(0, place + 1 - SENTENCE_END_CHARS) : place + 1]):
                letter["sentence"] = True
            found.append(letter)
        return found

    def _colours(self, start: int, end: int) -> list[str]:
        session, theme = self._session, self._theme
        cards = tuple(card.colour for card in session.cards)
        if cards != self._palette_of:
            self._palette, self._palette_of = Palette(cards), cards
        if end <= start:
            return []
        if not theme.coloured:
            return [theme.ink] * (end - start)
        led = leads(session.tints, len(self._palette), start - session.dropped, end - session.dropped)
        rgb = self._palette.stage(led, theme.lightness, theme.ink, theme.towards_ink)
        return [hex_of_rgb((red, green, blue)) for red, green, blue in rgb.tolist()]


class StageCreature:
    """The creature that the stage shows, drawn once more for readers, as an image.

    Which it is, is told by `/sprite`; so it comes, and goes, with the stage's. ``told`` is the message on it.
    """

    def __init__(self, session: SessionState, artist: AnyArtist) -> None:
        self._session, self._artist = session, artist
        self._asked = SpriteShown("")
        self._number = 0
        self.told = ""

    def follow(self, now: float) -> bool:
        """Have drawn what is shown now; whether there is news."""
        before = self.told
        said = self._session.sprite if now - self._session.sprite_at < SPRITE_LAPSES_S else None
        answer = self._artist.take(now)
        if said is None or not said.mix:
            self._asked = SpriteShown("")
            self.told = NO_CREATURE if before else ""
        elif answer is not None and answer[0] == self._number:
            self.told = _creature_message(answer[1])
        if said is not None and said.mix and said != self._asked and self._artist.may_ask(now):
            self._asked = said
            with contextlib.suppress(MessageError):  # the next one may be whole
                request = request_of_shown(self._number + 1, said)
                self._number += 1
                self._artist.ask(request, now)
        return self.told != before


def _creature_message(picture: Picture | None) -> str:
    if picture is None or not picture.places.any():
        return NO_CREATURE
    source = base64.b64encode(png(picture.standing().rgba)).decode("ascii")
    return json.dumps({"creature": f"data:image/png;base64,{source}"}, separators=(",", ":"))


def _shares(tint: Tint, slugs: Sequence[str]) -> dict[str, float]:
    return {slugs[voice]: round(level / 255, 3) for voice, level in tint if voice < len(slugs)}


def _last_word(text: str) -> str:
    """The word that ``text`` ends with, empty behind a blank."""
    return "" if not text or text[-1].isspace() else text.split()[-1]
