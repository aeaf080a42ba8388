"""How the voices are introduced to whoever plays them: a card for each, the style's own or one made up for it.

Reads the cards on disk once, on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocol.messages import Card
from styles import card as style
from styles.colour_choice import farthest_colour
from styles.library import shelf
from styles.making import free_monogram


def introduce(slugs: Sequence[str], known: Sequence[style.Card] | None = None) -> list[Card]:
    """A card for each of ``slugs``, in their order; ``known`` are the cards to look in, by default all there are.

    A voice whose card is missing is called by its slug and gets a colour and two letters that no other has.
    """
    cards = {card.slug: card for card in (shelf().cards if known is None else known)}
    colours = [card.colour for card in cards.values()]
    monograms = [card.monogram for card in cards.values()]
    introduced = []
    for index, slug in enumerate(slugs):
        if slug in cards:
            card = cards[slug]
            name, monogram, colour, kind, line = card.name, card.monogram, card.colour, card.kind, card.line
        else:
            name, monogram, colour = (
                slug.replace("-", " ").title(),
                free_monogram(slug, monograms),
                farthest_colour(colours),
            )
            kind, line = "prose", "A voice without a card."
            colours.append(colour)
            monograms.append(monogram)
        introduced.append(Card(index, len(slugs), slug, name, monogram, colour, kind, line))
    return introduced
