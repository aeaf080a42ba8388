"""How the voices are introduced to whoever plays them: a card for each, the style's own or one made up for it.

Reads the cards, and the records of the voices' files, on disk once, on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.interface import Fusible, Tongued, Voices
from models.tensor_file import read_record
from models.voice_folders import voices
from protocol.alphabet import ROLES
from protocol.errors import VoiceError
from protocol.messages import CODE, Card
from protocol.sprites import words_of_mix
from styles import card as style
from styles.colour_choice import farthest_colour
from styles.library import all_styles
from styles.making import free_monogram

WORKS_LENGTH = 340  # characters
LICENCE_LENGTH = 180


def introduce(
    slugs: Sequence[str],
    known: Sequence[style.Card] | None = None,
    fusible: Sequence[bool] | None = None,
    tongues: Sequence[str] = (),
) -> list[Card]:
    """A card for each of ``slugs``, in their order; ``known`` are the cards to look in, by default all there are.

    A voice whose card is missing is called by its slug and gets a colour and two letters that no other has.
    ``fusible`` says who can be fused, by default nobody; ``tongues`` are the further ones, each called ROLE/SLUG.
    """
    cards = {card.slug: card for card in (all_styles().cards if known is None else known)}
    colours = [card.colour for card in cards.values()]
    monograms = [card.monogram for card in cards.values()]
    introduced = []
    for index, slug in enumerate(slugs):
        if slug in cards:
            card = cards[slug]
            name, monogram, colour, kind, line = card.name, card.monogram, card.colour, card.kind, card.line
            works, licence, sprite = _works(card), _licence(card), words_of_mix(dict(card.sprite))
        else:
            name, monogram, colour = (
                slug.replace("-", " ").title(),
                free_monogram(slug, monograms),
                farthest_colour(colours),
            )
            kind, line = "prose", "A voice without a card."
            works = licence = sprite = ""
            colours.append(colour)
            monograms.append(monogram)
        bits = _held_out_bits(slug)
        further = " ".join(role for role in ROLES if f"{role}/{slug}" in tongues)
        fuses = fusible is not None and fusible[index]
        shown = (name, monogram, colour, kind, line, works, licence, bits, fuses, further, sprite)
        introduced.append(Card(index, len(slugs), slug, *shown))
    return introduced


def voices_of_code() -> set[str]:
    """The slugs of all voices of code that there are cards of."""
    return {card.slug for card in all_styles().cards if card.kind == CODE}


def introduce_all(voices: Voices) -> list[Card]:
    """The cards of ``voices``, with who of them can be fused and which further tongues they have."""
    further = voices.tongues if isinstance(voices, Tongued) else None
    fusible = voices.fusible if isinstance(voices, Fusible) else None
    return introduce(voices.slugs, fusible=fusible, tongues=further.slugs if further is not None else ())


def _works(card: style.Card) -> str:
    """What a voice read, in words; of many works the first ones, and how many there are more."""
    listed: list[str] = []
    for work in card.works:
        words = f"{work.title} ({work.year})"
        if listed and sum(map(len, listed)) + 2 * len(listed) + len(words) > WORKS_LENGTH:
            return f"{', '.join(listed)} and {len(card.works) - len(listed)} more"
        listed.append(words)
    return ", ".join(listed)


def _licence(card: style.Card) -> str:
    """What its works may be used for, in words, each licence once."""
    words = "; ".join(dict.fromkeys(work.licence for work in card.works))
    return words if len(words) <= LICENCE_LENGTH else words[: LICENCE_LENGTH - 1].rstrip() + "…"


def _held_out_bits(slug: str) -> float:
    """How well the voice on disk foresaw what was held out from its training; 0 where its file does not say."""
    path = voices().get(slug)
    try:
        training = read_record(path).get("training", {}) if path is not None else {}
        return max(0.0, float(training.get("held_out_bits", 0.0)))
    except (VoiceError, TypeError, ValueError, AttributeError):
        return 0.0  # what is wrong with the file is said by whoever needs the voice
