"""Writing without a stage: `antiphon speak`; and what all commands say that want voices and a seed.

A part of the command line, added to it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from protocol.command_line import complain, takes
from protocol.errors import ParameterError, VoiceError
from protocol.tree import ACROSTIC, ATTRACT, ATTRACTION, AVOID, CONCEPT, LAYOUT, QUOTATION, Value

if TYPE_CHECKING:
    from models.interface import Voices

app = typer.Typer()

Device = Annotated[str | None, typer.Option(help="cuda, mps or cpu; by default the first of them that is there.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Of all choices; by default a new one each time.")]
Mix = Annotated[
    list[str] | None,
    typer.Option(metavar="STYLE[=WEIGHT]", help="A voice in the mix, below 0 for less of it; repeat for more."),
]
Chars = Annotated[int, typer.Option(min=1, max=10_000_000, help="Length of the text.")]
Temperature = Annotated[float, typer.Option(min=0.05, max=2.0, help="How daring each choice is.")]
Fusion = Annotated[float, typer.Option(min=0.0, max=1.0, help="How much the voices fused into one network say.")]
Grain = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="How much a voice that foresaw a word's letters keeps it.")
]
Boundary = Annotated[
    str, typer.Option(metavar="UNIT", help="For how long it keeps the say: word, phrase, line or sentence.")
]
Spelling = Annotated[float, typer.Option(min=0.0, max=1.0, help="How much letters that lead to no word are held back.")]
Words = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="From letters to words, of styles with a voice of words; 0: letters.")
]
Memory = Annotated[float, typer.Option(min=0.0, max=1.0, help="How much of their letters styles know by heart.")]
Sense = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="How much the narrator says in all styles, where one is installed.")
]
Alloy = Annotated[float, typer.Option(min=-1.0, max=1.0, help="-1: what any wants, 0: the mean, 1: what all want.")]
TopP = Annotated[float, typer.Option(min=0.05, max=1.0, help="Only the likeliest that together reach this share.")]
MinP = Annotated[float, typer.Option(min=0.0, max=0.5, help="Only what has this share of the likeliest's probability.")]
Surprise = Annotated[float, typer.Option(min=0.0, max=4.0, help="Bits a character that the text is held at; 0: any.")]
Concept = Annotated[float, typer.Option(min=0.0, max=1.0, help="How far --fusion is led away from voices below 0.")]
Attract = Annotated[str, typer.Option(help="Words and letters that the text is drawn to, with blanks between them.")]
Attraction = Annotated[float, typer.Option(min=0.0, max=1.0, help="How strongly they draw.")]
Avoid = Annotated[str, typer.Option(help="Letters that never come.")]
Acrostic = Annotated[str, typer.Option(help="What the lines' first letters spell.")]
Layout = Annotated[
    bool, typer.Option("--layout/--no-layout", help="Keep blanks, empty lines and rows of one sign short.")
]
Quotation = Annotated[
    int, typer.Option(min=0, max=1_000, help="Characters quoted word for word at most, from 60 on; 0: any.")
]
Opening = Annotated[str, typer.Option(help="A first line: written, then continued.")]
Prompt = Annotated[str, typer.Option(help="Text that the voices read first and then continue.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True, kw_only=True)
class SpeakOptions:
    """The command line of `antiphon speak`."""

    style: Mix = None
    chars: Chars = 500
    seed: Seed = None
    temperature: Temperature = 0.7
    fusion: Fusion = 0.0
    grain: Grain = 0.5
    grain_boundary: Boundary = "word"
    spelling: Spelling = 0.95
    words: Words = 0.75
    memory: Memory = 0.35
    sense: Sense = 0.0
    alloy: Alloy = 0.0
    top_p: TopP = 1.0
    min_p: MinP = 0.0
    surprise: Surprise = 0.0
    concept: Concept = 0.0
    attract: Attract = ""
    attraction: Attraction = 0.5
    avoid: Avoid = ""
    acrostic: Acrostic = ""
    layout: Layout = True
    quotation: Quotation = 60
    prime: Prompt = ""
    opening: Opening = ""
    device: Device = None
    as_json: AsJson = False


# each is /mix/NAME
NUMBERS = ("fusion", "grain", "spelling", "words", "memory", "sense", "alloy", "top_p", "min_p", "surprise")
AIM = {"concept": CONCEPT, "attract": ATTRACT, "attraction": ATTRACTION, "avoid": AVOID, "acrostic": ACROSTIC}


@app.command()
@takes(SpeakOptions)
def speak(options: SpeakOptions) -> None:
    """Write text to standard output, as fast as the voices go. The same seed and weights give the same text."""
    from server.filters.load import load_filters
    from server.speak import speak as spoken
    from styles.cleaning import transliterate

    weights, given = parse_weights(options.style or []), vars(options)
    seed, first = seed_or_new(options.seed), transliterate(options.opening)
    settings: dict[str, Value] = {f"/mix/{name}": given[name] for name in NUMBERS}
    settings |= {address: given[name] for name, address in AIM.items()}
    settings |= {"/mix/grain_boundary": parse_boundary(options.grain_boundary), LAYOUT: options.layout}
    settings[QUOTATION] = options.quotation
    choir = choir_of(list(weights), options.device, complain, deferred=options.sense == 0.0)
    lists = load_filters()
    if lists.complaint:
        complain(lists.complaint)
    primed = transliterate(options.prime) + first
    text = spoken(choir, weights, options.chars, seed, options.temperature, primed, settings, lists.filter_set)
    if not options.as_json:
        sys.stdout.write(first)
        for one in text:
            sys.stdout.write(one.character)
            sys.stdout.flush()
        print()
        return
    written = list(text)
    record = {
        "text": "".join(one.character for one in written),
        "weights": weights,
        "seed": seed,
        **{name: given[name] for name in ("temperature", *NUMBERS, "grain_boundary", "layout", "quotation", "prime")},
        "aim": {name: given[name] for name in ("attract", "attraction", "avoid", "acrostic")},
        "opening": first,
        "shares": [{slug: round(share, 4) for slug, share in one.shares.items()} for one in written],
        "surprise_bits": [round(one.surprise, 3) for one in written],
    }
    print(json.dumps(record, ensure_ascii=False))


def parse_boundary(word: str) -> int:
    """``"sentence"`` as the parameter has it; raises ``ParameterError`` for what is no unit of a text."""
    from protocol.grain import Boundary

    try:
        return Boundary[word.upper()]
    except KeyError:
        units = ", ".join(each.name.lower() for each in Boundary)
        raise ParameterError(f"--grain-boundary is one of {units}, not {word[:40]!r}") from None


def parse_weights(specifications: list[str]) -> dict[str, float]:
    """``["bible=0.7", "linux"]`` as weights by slug (1 where none is given); raises ``ParameterError``."""
    weights: dict[str, float] = {}
    for specification in specifications:
        slug, equals, number = specification.partition("=")
        try:
            weight = float(number) if equals else 1.0
        except ValueError:
            raise ParameterError(
                f"--style {specification[:80]}: the weight is no number; say {slug[:40]}=0.7"
            ) from None
        if not abs(weight) < float("inf"):
            raise ParameterError(f"--style {specification[:80]}: a weight is a number, and finite")
        if slug in weights:
            raise ParameterError(f"--style {slug[:40]} is given twice: one weight a voice")
        weights[slug] = weight
    if max(weights.values(), default=0.0) <= 0.0:
        raise ParameterError("no voice has a weight above 0; say for example --style bible=0.7 --style linux=0.3")
    return weights


def choir_of(
    slugs: list[str] | None,
    device: str | None,
    complain: Callable[[str], None],
    order: Sequence[str] = (),
    most: int | None = None,
    deferred: bool = False,
) -> Voices:
    """The voices called ``slugs``, which must all be usable, or all that there are and can be used.

    Of the others, and of tongues that cannot be used, ``complain`` gets a line. Those of ``order`` come first, and
    ``most`` is how many are taken, without further tongues then. With ``deferred`` the narrator is fetched when it is
    first asked to read.
    """
    from models import voice_folders
    from models.loading import load_voices, pick_device
    from styles.library import find

    there = voice_folders.voices()
    first = [slug for slug in dict.fromkeys((*order, *there)) if slug in there]
    every = {slug: there[slug] for slug in first[:most]}
    paths = every if slugs is None else {find(slug).slug: voice_folders.voice(slug) for slug in slugs}

    def refuse(line: str) -> None:
        raise VoiceError(line.removesuffix(": going on without it"))

    tongues = voice_folders.tongues() if most is None else {}
    of_voice = complain if slugs is None else refuse
    on = pick_device(device)
    return load_voices(paths.values(), on, of_voice, tongues=tongues, complain_of_tongue=complain, deferred=deferred)


def seed_or_new(seed: int | None) -> int:
    """``seed``, or one that nobody chose."""
    return secrets.randbelow(2**31) if seed is None else seed
