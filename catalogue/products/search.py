"""Finding products by words. Two-character Chinese words (研发, 芯片) must hit on any server, and
trigram indexes need three characters, so texts are indexed by tokens of our own making."""

from __future__ import annotations

import re
import unicodedata

from catalogue.forms import DraftForm

_RUN = re.compile(r"[㐀-鿿]+|[a-z0-9]+")
TOKENS_MAX = 3000
WORDS_MAX = 8


def fold(text: str) -> str:
    """Lower case, full-width forms made half-width."""
    return unicodedata.normalize("NFKC", text).lower()


def search_text(form: DraftForm, type_name: str, insurer_name: str) -> str:
    """All words by which a product shall be found."""
    parts = [form.name, type_name, insurer_name, form.summary, form.target_enterprises]
    parts += form.industries
    parts += [stage.zh for stage in form.stages]
    parts += [part for c in form.components for part in (c.name, c.event)]
    parts += [part for c in form.clauses for part in (c.title, c.file_number)]
    parts += [c.registration_number for c in form.clauses]
    return fold("\n".join(part for part in parts if part))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _triples(run: str) -> list[str]:
    return [run[i : i + 3] for i in range(len(run) - 2)]


def search_tokens(text: str) -> list[str]:
    """Index tokens of a text: Chinese characters and pairs of them, triples of latin ones."""
    tokens: dict[str, None] = {}
    for run in _RUN.findall(fold(text)):
        if run[0] < "㐀":
            tokens.update(dict.fromkeys(_triples(run)))
        else:
            tokens.update(dict.fromkeys(run))
            tokens.update(dict.fromkeys(_pairs(run)))
    return list(tokens)[:TOKENS_MAX]


def query_words(text: str) -> tuple[list[str], list[str]]:
    """Tokens that must all be present, and words that the text must contain.

    A word that is itself a token is there when the token is. Latin words may be part of a longer
    one; those shorter than three characters are only looked up in the text.
    """
    words = fold(text).split()[:WORDS_MAX]
    tokens: dict[str, None] = {}
    for word in words:
        for run in _RUN.findall(word):
            parts = _triples(run) if run[0] < "㐀" else _pairs(run) or [run]
            tokens.update(dict.fromkeys(parts))
    return list(tokens), words


def like_pattern(word: str) -> str:
    """A LIKE pattern that finds the word literally."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
