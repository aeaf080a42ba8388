"""Where the lists stand: the shipped list of words or the curator's own, the shipped quotations and those made here.

Reads files; on the main thread, before a performance begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from models.lexicon import Lexicon, lexicons_folder
from protocol.atomic_file import write_atomically
from protocol.documents import read_bytes
from protocol.errors import AntiphonError, ParameterError, StyleError
from server.filters.blocklist import BlocklistFilter, parse
from server.filters.filters import FilterSet
from server.filters.quotation import QuotationFilter, QuotationIndex
from server.filters.spelling import SpellingFilter
from styles.cleaning import decode

SHIPPED_WORDS = Path(__file__).with_name("blocklist.txt")
SHIPPED_LEXICON = Path(__file__).with_name("lexicon.safetensors")
LEXICON = "lexicon"  # what the shipped one is called in takes, and what the others' names begin with
SHIPPED_QUOTATIONS = Path(__file__).with_name("quotations.safetensors")
LARGEST_LIST_BYTES = 1 << 20  # bytes of a list of words


@dataclass(frozen=True)
class LoadedFilters:
    """``complaint`` is one line about a list that could not be read, and what holds instead; ``files`` were read."""

    filter_set: FilterSet
    complaint: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)


def own_words() -> Path:
    """Where a curator's own list stands, if there is one: it takes the place of the shipped one."""
    return user_config_path("antiphon", appauthor=False) / "words.txt"


def words_in_force() -> Path:
    return own_words() if own_words().exists() else SHIPPED_WORDS


def own_quotations() -> Path:
    """Where `antiphon manners quotations` keeps what stands in the texts that are here."""
    return user_data_path("antiphon", appauthor=False) / SHIPPED_QUOTATIONS.name


def lexicon_files() -> dict[str, Path]:
    """The shipped lexicon and those of a user's own styles, by the names that takes call them."""
    own = {f"{LEXICON} of {path.stem}": path for path in sorted(lexicons_folder().glob("*.safetensors"))}
    return ({LEXICON: SHIPPED_LEXICON} if SHIPPED_LEXICON.exists() else {}) | own


def read_words(path: Path) -> tuple[BlocklistFilter, list[str]]:
    """The guard of a list, and one line for each of its lines that is left out.

    Raises ``ParameterError`` for one that cannot be read, or of which nothing is left.
    """
    try:
        entries, complaints = parse(decode(read_bytes(path, LARGEST_LIST_BYTES), str(path)).text)
    except (OSError, StyleError) as error:
        raise ParameterError(f"{path} cannot be read as a list of words ({error})") from None
    if complaints and not entries:
        raise ParameterError(f"{path}, {complaints[0]}")
    return BlocklistFilter(entries), complaints


def copy_words() -> Path:
    """Put the shipped list where it can be edited. Raises ``ParameterError`` where there is a list already."""
    path = own_words()
    if path.exists():
        raise ParameterError(f"there is a list already: edit {path}")
    write_atomically(path, SHIPPED_WORDS.read_bytes())
    return path


def shipped_filters() -> FilterSet:
    """What a new performance is filtered by where nobody has lists of their own."""
    quotations = QuotationFilter([QuotationIndex.load(SHIPPED_QUOTATIONS)])
    return FilterSet(read_words(SHIPPED_WORDS)[0], quotations, (), SpellingFilter([Lexicon.load(SHIPPED_LEXICON)]))


def load_filters() -> LoadedFilters:
    """The lists that there are. One that cannot be read is told, and the shipped one holds; a line that is left out
    is told, and the others hold."""
    complaint = ""
    files = {"words": words_in_force()}
    try:
        words, wrong = read_words(files["words"])
        if wrong:
            several = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            complaint = f"{files['words']}, {wrong[0]}{several}; the other {len(words.entries)} entries hold"
    except ParameterError as error:
        files["words"] = SHIPPED_WORDS
        (words, _), complaint = read_words(SHIPPED_WORDS), f"{error}: the shipped list holds"
    found = []
    for name, path in (("quotations", SHIPPED_QUOTATIONS), ("own quotations", own_quotations())):
        if path.exists():
            try:
                found.append(QuotationIndex.load(path))
                files[name] = path
            except AntiphonError as error:
                complaint = complaint or str(error)
    lexicons = []
    for name, path in lexicon_files().items():
        try:
            lexicons.append(Lexicon.load(path))
            files[name] = path
        except AntiphonError as error:
            complaint = complaint or f"{error}; voices whose words it has write as they like"
    quotations = QuotationFilter(found) if found else None
    return LoadedFilters(FilterSet(words, quotations, (), SpellingFilter(lexicons)), complaint, files)
