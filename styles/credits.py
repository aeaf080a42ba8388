"""All that the shipped voices read, and whose work it is, as docs/credits.md: ``python -m styles.credits``.

Prints to standard output; a test holds the file to the cards.
"""

from __future__ import annotations

from collections.abc import Sequence

from styles.card import Card, Work
from styles.library import shipped

PAGE_HEAD = """\
# Credits

What the {styles} voices read, by letters and by words: {works} works. Made from the cards in `styles/cards/` by
`python -m styles.credits > docs/credits.md`; change a card, not this page. The texts are not part of Antiphon.

The years are those of the edition or of first publication, as the card's source gives them. "Public domain in the US"
means what it says: where the term is the author's or translator's life plus 70 years, look at the entry. The report of
the Iraq Inquiry contains public sector information licensed under the Open Government Licence v3.0
(<https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/>).
"""

PICTURES = """\
## The pictures that the creatures learnt

What `models/sprites/pictures/` holds; origin, licence and maker of each of the 2,962 stand in its `SOURCES.toml`.

- [Dungeon Crawl Stone Soup](https://github.com/crawl/crawl), tiles by its artists. CC0-1.0.
- Tiles by David E. Gervais, as [Angband](https://github.com/angband/angband) has them; doubled, otherwise unchanged. \
[CC BY 3.0](https://creativecommons.org/licenses/by/3.0/).
- [Noto Emoji](https://github.com/googlefonts/noto-emoji), Google; made smaller. Apache License 2.0.
- [Twemoji](https://github.com/twitter/twemoji), copyright Twitter, Inc. and other contributors; made smaller. \
[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/).
"""


def credits_page(cards: Sequence[Card]) -> str:
    """The page for ``cards``, Markdown, ending in a line feed."""
    works = sum(len(card.works) for card in cards)
    return "\n".join([PAGE_HEAD.format(styles=len(cards), works=works), *(_section(card) for card in cards), PICTURES])


def _section(card: Card) -> str:
    works = "\n".join(f"- {_entry(work)}" for work in card.works)
    return f"## {card.name} (`{card.slug}`)\n\n{card.line}\n\n{works}\n"


def _entry(work: Work) -> str:
    people = [work.author] if work.author else []
    people += [f"translated by {work.translator}"] if work.translator else []
    title = f"[{work.title}]({work.url})" if work.url else work.title
    return f"{title}. {'; '.join([*people, str(work.year)])}. {work.licence[0].upper()}{work.licence[1:]}."


if __name__ == "__main__":
    print(credits_page(shipped()), end="")
