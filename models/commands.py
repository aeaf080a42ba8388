"""Making and judging voices from the command line: `antiphon train`, `antiphon listen`, `antiphon evaluate`.

A part of the command line, hung into it by antiphon.py. What is heavy is imported inside the commands.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from models.training.threads import limit_openmp_spinning
from models.training.voice_kind import VoiceKind
from protocol.errors import StyleError

app = typer.Typer()

Name = Annotated[str | None, typer.Argument(help="One of `antiphon styles`, or a new one with --text.")]
Text = Annotated[Path | None, typer.Option(help="A text of yours, in any encoding.")]
Minutes = Annotated[
    float | None,
    typer.Option(
        min=0.01,
        help="For each voice, by default 3; for this sitting, with --days; in all, with --all on cuda, by default 9.",
    ),
]
Device = Annotated[str | None, typer.Option(help="cuda, mps or cpu; by default the first of them that is there.")]
FromScratch = Annotated[bool, typer.Option("--from-scratch", help="Do not begin from the shipped base.")]
Further = Annotated[bool, typer.Option("--further", help="Begin from the voice, or the base, as it is.")]
Layers = Annotated[int, typer.Option(min=1, max=8, help="Where there is no base to begin from.")]
Hidden = Annotated[int, typer.Option(min=8, max=4096, help="Units a layer, where there is no base to begin from.")]
Cluster = Annotated[
    bool, typer.Option("--cluster", help="With --all: on a Ray cluster, at the ADDRESS that follows or started here.")
]
Runs = Annotated[Path | None, typer.Option(help="Folder for unfinished runs; a cluster's machines should share it.")]
All = Annotated[bool, typer.Option("--all", help="Every shipped style.")]
Base = Annotated[bool, typer.Option("--base", help="The base that voices begin from, on all texts together.")]
Days = Annotated[bool, typer.Option("--days", help="With --base: go on with the run of days until it is stopped.")]
Decay = Annotated[
    float | None,
    typer.Option(min=0.001, help="With --base: from the run of days, lower the rate over so many million characters."),
]
StateFile = Annotated[Path | None, typer.Option("--state", help="File that carries the run of days to the next one.")]
ByRecipe = Annotated[str | None, typer.Option("--recipe", help="alice, play, ...: see docs/recipes.md.")]
Replace = Annotated[bool, typer.Option("--replace", help="Your style may take a shipped one's name.")]
Into = Annotated[Path | None, typer.Option(help="Folder for the voices; by default your own.")]
Kind = Annotated[
    VoiceKind,
    typer.Option(help="char: letters; word: whole words; ngram: all it has shown; adapter: for the narrator."),
]
Vectors = Annotated[
    Path | None, typer.Option(help="With --kind word: word vectors, in word2vec's or GloVe's text format.")
]
Order = Annotated[
    int | None,
    typer.Option(
        min=1, max=16, help="With --kind ngram: characters looked back at; 8, or 16 beside another voice of it."
    ),
]
Heard = Annotated[Path, typer.Argument(help="A text of yours, in any encoding; - for standard input.")]
NewName = Annotated[str | None, typer.Option(help="The new style's; by default the file's, or a free one.")]
Learn = Annotated[
    float | None, typer.Option("--train", min=0.01, help="Then learn it for so many minutes, as `antiphon train` does.")
]
EvaluatedKind = Annotated[
    VoiceKind, typer.Option(help="char: the style's own voice; word, ngram: a further tongue; adapter.")
]
Reader = Annotated[str, typer.Option(help="The voice that reads.")]
Read = Annotated[Path, typer.Option(help="What it reads, in any encoding.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def train(
    name: Name = None,
    text: Text = None,
    recipe: ByRecipe = None,
    minutes: Minutes = None,
    device: Device = None,
    from_scratch: FromScratch = False,
    further: Further = False,
    layers: Layers = 2,
    hidden: Hidden = 512,
    every: All = False,
    base: Base = False,
    replace: Replace = False,
    into: Into = None,
    cluster: Cluster = False,
    runs: Runs = None,
    days: Days = False,
    decay: Decay = None,
    state: StateFile = None,
    kind: Kind = VoiceKind.CHAR,
    vectors: Vectors = None,
    order: Order = None,
) -> None:
    """Make a voice from a text, or from a style's own works. Ctrl-C keeps the best so far; again goes on from there."""
    limit_openmp_spinning()
    from models.char_lstm.network import Shape
    from models.training import recipes
    from models.training.another_kind import AnotherKind
    from models.training.progress import display
    from models.training.train_cli import TrainingSession

    address = None
    if cluster:
        if not every:
            raise typer.BadParameter("--cluster goes with --all")
        address, name = name, None  # an option of typer's cannot have a value or none
    if sum((name is not None, every, base)) != 1:
        raise typer.BadParameter("give one of: a name, --all, --base")
    if from_scratch and further:
        raise typer.BadParameter("a voice begins from scratch or goes further, not both")
    if (text or recipe) and not name:
        raise typer.BadParameter("--text and --recipe go with a name")
    if recipe and (minutes or further):
        raise typer.BadParameter("a recipe says itself how long, and begins from scratch")
    if (days or decay) and (not base or (days and decay)):
        raise typer.BadParameter("--days or --decay goes with --base")
    on_card = every and kind is VoiceKind.CHAR and not cluster and not further and (device or "").startswith("cuda")
    if state and not (days or decay or on_card):
        raise typer.BadParameter("--state goes with --days, --decay, or --all on cuda")
    if kind is not VoiceKind.CHAR and (recipe or further or cluster or days or decay or state):
        raise typer.BadParameter(
            f"--kind {kind} goes with a name, --all or --base, and none of what is for char voices"
        )
    if (vectors and kind is not VoiceKind.WORD) or (order and kind is not VoiceKind.NGRAM):
        raise typer.BadParameter("--vectors goes with --kind word, --order with --kind ngram")
    if base and kind not in (VoiceKind.CHAR, VoiceKind.WORD):
        raise typer.BadParameter("there is a base of char and of word voices only")
    another = None if kind is VoiceKind.CHAR else AnotherKind(kind, vectors, order)
    with display() as shown:
        session = TrainingSession(
            into, minutes or 3.0, device, Shape(layers, hidden), from_scratch, shown, further, runs, another
        )
        with session.stoppable():
            if days:
                session.hold_base(minutes, state)
            elif decay:
                session.decay_base(round(decay * 1e6), state)
            elif base:
                session.make_base()
            elif name and recipe:
                session.run_recipe(recipes.load(recipe), name, text, replace)
            elif name:
                session.make(name, text, replace)
            elif cluster:
                session.make_all_together(address)
            elif on_card:
                session.make_all_on_card(minutes or 9.0, state)
            else:
                session.make_all()


@app.command()
def listen(text: Heard, name: NewName = None, learn: Learn = None, as_json: AsJson = False) -> None:
    """Make a voice of a text in a moment, by remembering it: a server that runs takes it in by itself.

    With --train it learns the text, too, which takes minutes, and a server that runs goes over to what it learnt.
    """
    import sys

    from models.ngram.listening import remember
    from styles.making import MAX_TEXT_BYTES, read_text_file

    aloud = str(text) == "-"
    data = sys.stdin.buffer.read(MAX_TEXT_BYTES) if aloud else read_text_file(text)
    made = remember(data, "standard input" if aloud else text.name, name)
    if as_json:
        found = {"slug": made.slug, "characters": made.characters, "seconds": round(made.seconds, 3)}
        print(json.dumps(found), flush=True)
    else:
        line = f"{made.slug} remembers {made.characters:,} characters since {made.seconds:.2f} s: {made.path}"
        print(line, flush=True)
    if learn is not None:
        train(made.slug, minutes=learn)


@app.command()
def evaluate(style: Reader, text: Read, kind: EvaluatedKind = VoiceKind.CHAR, as_json: AsJson = False) -> None:
    """Say how well a voice foresees a text: bits per character, the fewer the better."""
    import numpy as np

    from models import voice_folders
    from models.evaluation import bits_per_char, load_examined
    from models.training.another_kind import AnotherKind
    from styles.cleaning import decode, transliterate
    from styles.making import read_text_file

    own = kind is VoiceKind.CHAR
    path = voice_folders.voice(style) if own else voice_folders.tongue(style, AnotherKind(kind).role)
    voice = load_examined(path)
    plain = transliterate(decode(read_text_file(text), str(text)).text)  # layout counts: it is read as it stands
    if not plain:
        raise StyleError(f"{text} holds no text")
    bits = bits_per_char(voice, np.frombuffer(plain.encode("ascii"), np.uint8))
    if as_json:
        print(json.dumps({"style": style, "chars": len(plain), "bits_per_char": round(bits, 4)}))
    else:
        print(f"{style} reads {text} ({len(plain):,} characters) at {bits:.3f} bits per character")
