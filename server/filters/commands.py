"""`antiphon manners`: the lists that a text is guarded by, to look at, to edit and to try. Main thread."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from protocol.errors import StyleError

app = typer.Typer(no_args_is_help=True, help="What texts are kept from: forbidden words, long quotations.")

Out = Annotated[Path | None, typer.Option(help="The file to write; by default in your data folder.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A text.")]


@app.command()
def words() -> None:
    """Say which list of words holds, and how many entries it has."""
    from server.filters.load import own_words, read_words, words_in_force

    path = words_in_force()
    found, complaints = read_words(path)
    print(f"{path}: {len(found.entries)} entries")
    for line in complaints:
        print(f"left out: {line}")
    if path != own_words():
        print("this is the shipped list; `antiphon manners copy` makes one that you can edit")


@app.command()
def copy() -> None:
    """Put the shipped list of words where you can edit it; from then on yours holds."""
    from server.filters.load import copy_words

    print(f"edit {copy_words()}; the next start reads it")


@app.command()
def check(file: File) -> None:
    """Say where a text holds a word of the list; exit code 3 if it does."""
    from server.filters.load import read_words, words_in_force
    from styles.cleaning import decode, transliterate
    from styles.making import read_text_file

    text = transliterate(decode(read_text_file(file), str(file)).text)
    position = read_words(words_in_force())[0].found(text)
    if position is None:
        print("no word of the list")
        return
    line = text.count("\n", 0, position) + 1
    print(f"line {line}: {text[max(0, position - 40) : position + 1].strip()!r}")
    raise typer.Exit(3)


@app.command()
def lexicon(out: Out = None) -> None:
    """Learn the words of the texts that are here, by which inside a word no letters go astray; and keep them."""
    from models.lexicon import Lexicon, lexicons_folder, words_of

    texts = _texts()
    path = out or lexicons_folder() / "texts.safetensors"
    words = words_of(texts)
    Lexicon.of(words).save(path)
    print(f"{len(texts)} texts, {len(set().union(*words.values())):,} words, {path.stat().st_size:,} bytes: {path}")


@app.command()
def quotations() -> None:
    """Learn what stands in the texts that are here, your own included, to keep quotations from them short."""
    from server.filters.load import own_quotations
    from server.filters.quotation import QuotationIndex

    texts = _texts()
    QuotationIndex.of(texts.values()).save(own_quotations(), {"styles": sorted(texts)})
    print(f"{len(texts)} texts, {sum(map(len, texts.values())):,} characters: {own_quotations()}")


def _texts() -> dict[str, str]:
    """The texts of styles that are here, by slug; raises ``StyleError`` where there are none."""
    from styles.library import all_styles, corpus_path

    texts = {}
    for card in all_styles().cards:
        with contextlib.suppress(StyleError):  # not here: nothing can be learnt of it
            texts[card.slug] = corpus_path(card.slug).read_text("ascii", errors="replace")
    if not texts:
        raise StyleError("there are no texts here: `antiphon styles fetch` downloads them, `antiphon train` adds yours")
    return texts
