"""The voices of the performance without a server: each a back-off n-gram model of one paragraph.

Small, always the same, and nobody trained them; they can be mixed, turned and primed like real ones. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import numpy as np
from numpy.typing import NDArray

ORDER = 5  # characters of context that a voice looks back on
TRUST = 0.95  # how far a longer context overrules a shorter one

# slug, name, monogram, colour, kind, paragraph
CHOIR = (
    (
        "apollo11",
        "Apollo 11",
        "Ap",
        "#7DE4FF",
        "prose",
        "Houston, Tranquility Base here. The Eagle has landed. Roger, we copy you down. You are go for the burn, "
        "over. ",
    ),
    (
        "aristotle",
        "Aristotle",
        "Ar",
        "#64B960",
        "prose",
        "Every art and every inquiry, and likewise every action and pursuit, is thought to aim at some good. ",
    ),
    (
        "austen",
        "Jane Austen",
        "Au",
        "#50ABFF",
        "prose",
        "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of "
        "a "
        "wife. However little known the feelings or views of such a man may be, the truth is so well fixed. ",
    ),
    (
        "baudelaire",
        "Baudelaire",
        "Ba",
        "#FFC1E5",
        "verse",
        "O pale Ophelia, the night is long,\nand the perfumes of the evening air\nturn slowly with the dying song.\n",
    ),
    (
        "beeton",
        "Mrs Beeton",
        "Be",
        "#939051",
        "prose",
        "Put the butter into a stewpan, add the onions, and let them simmer gently for half an hour. Seasonable all "
        "the "
        "year. Sufficient for six persons. ",
    ),
    (
        "bible",
        "Bible",
        "Bi",
        "#EFBC3A",
        "verse",
        "And God said, Let there be light: and there was light. And God saw the light, that it was good: and God "
        "divided "
        "the light from the darkness. And the evening and the morning were the first day.\n",
    ),
    (
        "buddha",
        "Buddha",
        "Bu",
        "#6E83E6",
        "verse",
        "All that we are is the result of what we have thought: it is founded on our thoughts, it is made up of our "
        "thoughts. ",
    ),
    (
        "chilcot",
        "Chilcot Report",
        "Ch",
        "#1EE5C7",
        "prose",
        "The Inquiry has concluded that the judgements about the severity of the threat were presented with a "
        "certainty "
        "that was not justified. ",
    ),
    (
        "coleridge",
        "Coleridge",
        "Co",
        "#69949F",
        "verse",
        "Water, water, every where,\nAnd all the boards did shrink;\nWater, water, every where,\n"
        "Nor any drop to drink.\n",
    ),
    (
        "davinci",
        "Leonardo da Vinci",
        "Da",
        "#FFC3A0",
        "prose",
        "The eye which is called the window of the soul is the chief means whereby the understanding may most fully "
        "appreciate the works of nature. ",
    ),
    (
        "frankenstein",
        "Frankenstein",
        "Fr",
        "#CC7203",
        "prose",
        "It was on a dreary night of November, that I beheld the accomplishment of my toils. By the glimmer of the "
        "half-extinguished light, I saw the dull yellow eye of the creature open. ",
    ),
    (
        "homer",
        "Homer",
        "Ho",
        "#7DBBD4",
        "verse",
        "Now when the child of morning, rosy-fingered Dawn, appeared, we drew our ships into the wine-dark sea. ",
    ),
    (
        "jung",
        "C. G. Jung",
        "Ju",
        "#B46AC3",
        "prose",
        "The dream is the small hidden door in the deepest sanctum of the soul, which opens into that primeval night. ",
    ),
    (
        "kamasutra",
        "Kama Sutra",
        "Km",
        "#FF8C68",
        "prose",
        "Man, the period of whose life is one hundred years, should practise Dharma, Artha and Kama at different "
        "times. ",
    ),
    (
        "kant",
        "Kant",
        "Kt",
        "#FDE68C",
        "prose",
        "That all our knowledge begins with experience there can be no doubt. Thoughts without content are empty, "
        "intuitions without concepts are blind. ",
    ),
    (
        "latex",
        "LaTeX",
        "Tx",
        "#03B6A6",
        "code",
        "\\begin{theorem}\nLet $x \\in \\mathbb{R}$ and let $f$ be a function.\n\\end{theorem}\n\\begin{proof}\n",
    ),
    (
        "lincoln",
        "Lincoln",
        "Lc",
        "#C1B6FF",
        "prose",
        "Fourscore and seven years ago our fathers brought forth on this continent a new nation, conceived in liberty, "
        "and dedicated to the proposition that all men are created equal. ",
    ),
    (
        "linux",
        "Linux kernel",
        "Lx",
        "#99DA74",
        "code",
        "static int the_light(struct device *dev)\n{\n\tif (!dev->light)\n\t\treturn -EINVAL;\n\treturn 0;\n}\n\n",
    ),
    (
        "lovesongs",
        "Love songs",
        "Lo",
        "#F889BC",
        "verse",
        "And I will always love you in the morning light,\nAnd I will hold you in the night,\n"
        "Baby, let me be the one.\n",
    ),
    (
        "machiavelli",
        "Machiavelli",
        "Ma",
        "#C79E00",
        "prose",
        "It is much safer to be feared than loved, when, of the two, either must be dispensed with. A prince ought to "
        "have no other aim or thought than war. ",
    ),
    (
        "nietzsche",
        "Nietzsche",
        "Nz",
        "#B190DC",
        "prose",
        "He who fights with monsters should be careful lest he thereby become a monster. And when you gaze long into "
        "an "
        "abyss, the abyss will gaze into you. ",
    ),
    (
        "quran",
        "Quran",
        "Qu",
        "#AFFCBF",
        "verse",
        "In the name of God, the Merciful, the Compassionate. Praise be to God, the Lord of the worlds, the Master of "
        "the "
        "day of judgement.\n",
    ),
    (
        "sensation",
        "Sensation novel",
        "Se",
        "#CB697F",
        "prose",
        "The door opened without a sound, and there, in the middle of the broad bright high-road, stood the figure of "
        "a "
        "solitary woman, dressed from head to foot in white garments. ",
    ),
    (
        "trump",
        "Trump",
        "Tr",
        "#B9B994",
        "prose",
        "We are going to win so much, believe me. It is going to be great, really great, the best. Nobody knows it "
        "better "
        "than me. ",
    ),
)


class NgramVoice:
    """What follows each context of up to ``ORDER`` characters in ``text``, read as if it went round for ever."""

    def __init__(self, text: str) -> None:
        self._followers: dict[str, Counter[str]] = defaultdict(Counter)
        ring = text[-ORDER:] + text
        for place in range(ORDER, len(ring)):
            for order in range(ORDER + 1):
                self._followers[ring[place - order : place]][ring[place]] += 1

    def after(self, text: str) -> NDArray[np.float64]:
        """(128,) the wish for the character after ``text``."""
        p = np.full(128, 1 / 128)
        for order in range(min(ORDER, len(text)) + 1):
            followers = self._followers.get(text[len(text) - order :])
            if followers is None:
                break
            p *= 1 - TRUST
            total = followers.total()
            for character, count in followers.items():
                p[ord(character)] += TRUST * count / total
        return p


@cache
def demo_voices() -> tuple[NgramVoice, ...]:
    return tuple(NgramVoice(paragraph) for *_, paragraph in CHOIR)


def fused_distribution(distributions: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(128,) what stands for the network between the voices: their wishes' weighted geometric mean, a little evened."""
    mean = np.exp(weights @ np.log(distributions + 1e-4))
    return np.asarray(mean / mean.sum())
