"""What words mean before a voice has learnt anything: vectors by word2vec from the text itself, or from a file.

Words that stand among the same words get vectors that lie close together (Mikolov et al. 2013). A file is in word2vec's
text format (a line with two numbers first) or in GloVe's (none); its words are in small letters and have no blanks. No
thread of its own.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.words.tokens import UNKNOWN, Vocabulary
from protocol.errors import TrainingError

Vectors = NDArray[np.float32]  # (words + 1, numbers), the unknown word first

WINDOW = 5  # words on either side that a word is learnt from
READINGS = 5  # of the text
SENTENCE_WORDS = 200  # in a row; what a sentence is does not matter
SPREAD = 0.1  # of the numbers of all vectors, as the network wants them
MOST_FILE_BYTES = 8 << 30
LEAST_NUMBERS, MOST_NUMBERS = 10, 600  # of a vector
LONGEST_LINE = 100_000  # characters


def learnt(numbers: NDArray[np.int64], words: int, size: int, readings: int = READINGS) -> Vectors:
    """Vectors of ``size`` numbers for ``words`` words and the unknown one, from a text as their ``numbers``."""
    try:
        from gensim.models import Word2Vec
    except ImportError:
        raise TrainingError(
            "word vectors are learnt by gensim, which is missing: pip install 'antiphon[words]', "
            "or give a file with --vectors"
        ) from None
    sentences = [
        numbers[start : start + SENTENCE_WORDS].astype(str).tolist() for start in range(0, len(numbers), SENTENCE_WORDS)
    ]
    model = Word2Vec(sentences, vector_size=size, window=WINDOW, min_count=1, workers=1, epochs=readings, seed=1)
    vectors = _random(words + 1, size)
    for number in range(words + 1):
        if str(number) in model.wv:
            vectors[number] = model.wv[str(number)]
    return _spread(vectors)


def size_of(path: Path) -> int:
    """How many numbers the vectors of a file have, by its first lines; raises ``TrainingError`` for no such file."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            first, second = (lines.readline(LONGEST_LINE).rstrip().split(" ") for _ in range(2))
    except OSError as error:
        raise TrainingError(f"{path} cannot be read ({error.strerror or error})") from None
    size = len(first) - 1 if len(first) > 2 else len(second) - 1
    if not LEAST_NUMBERS <= size <= MOST_NUMBERS:
        raise TrainingError(
            f"{path} has vectors of {size} numbers: those of {LEAST_NUMBERS} to {MOST_NUMBERS} are read, in word2vec's "
            "text format or GloVe's"
        )
    return size


def from_file(path: Path, vocabulary: Vocabulary, size: int) -> Vectors:
    """The vectors of the vocabulary's words that ``path`` has; raises ``TrainingError`` if it has not ``size`` numbers.

    A word that it lacks begins anywhere.
    """
    wanted: dict[str, list[int]] = {}
    for place, word in enumerate(vocabulary.words):
        wanted.setdefault(word.decode("ascii").strip(" ").lower(), []).append(place + 1)
    vectors, found = _random(len(vocabulary) + 1, size), 0
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise TrainingError(f"{path} is larger than {MOST_FILE_BYTES >> 30} GB")
        with path.open(encoding="utf-8", errors="replace") as lines:
            for count, line in enumerate(lines):
                name, _, rest = line.rstrip().partition(" ")
                places = wanted.get(name)
                if count and not places:
                    continue
                numbers = rest.split(" ")
                if count == 0 and len(numbers) == 1 and name.isdigit() and numbers[0].isdigit():
                    numbers = ["0"] * int(numbers[0]) if int(numbers[0]) < 10_000 else numbers  # word2vec's first line
                    places = None
                if len(numbers) != size:
                    raise TrainingError(
                        f"{path} has a vector of {len(numbers)} numbers in line {count + 1}, among others of {size}"
                    )
                if places:
                    vectors[places], found = [float(number) for number in numbers], found + 1
    except OSError as error:
        raise TrainingError(f"{path} cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise TrainingError(f"{path} is no file of word vectors: it is read as word2vec's or GloVe's text") from None
    if not found or not np.isfinite(vectors).all():
        raise TrainingError(f"{path} is of no use: it has no vector for any word of the text")
    return _spread(vectors)


def inherited(vocabulary: Vocabulary, base: Vocabulary, vectors: Vectors) -> Vectors:
    """What another network, of the vocabulary ``base``, made of its ``vectors``; new words begin as its unknown one."""
    places = base.numbers(vocabulary.words)
    taken: Vectors = vectors[np.concatenate([[UNKNOWN], places])].astype(np.float32)
    new = np.flatnonzero(places == UNKNOWN) + 1
    taken[new] += _random(len(new), vectors.shape[1]) * SPREAD / 2
    return taken


def _random(rows: int, size: int) -> Vectors:
    return np.random.default_rng(1).standard_normal((rows, size), np.float32)


def _spread(vectors: Vectors) -> Vectors:
    """Around nothing, and as far apart as the network wants them."""
    centred = vectors - vectors.mean(axis=0)
    spread: Vectors = centred * np.float32(SPREAD / max(float(centred.std()), 1e-6))
    return spread
