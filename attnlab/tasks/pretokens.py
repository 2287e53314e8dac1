"""Where byte-pair encoding may never merge across: a text is first cut into words."""

from __future__ import annotations

import re
import unicodedata

_WORD = (
    r"'(?:s|t|re|ve|m|ll|d)"  # the end of "it's", "don't", "you're" ...
    r"| ?[^\W\d_{numbers}]+"  # letters, with the blank before them
    r"| ?[\d{numbers}]+"
    r"| ?(?:[^\s\w]|_|[\x1c-\x1f])+"  # all else: punctuation, symbols
    r"|(?:(?![\x1c-\x1f])\s)+(?!\S|[\x1c-\x1f])"  # blanks, but for the last before a word
    r"|(?:(?![\x1c-\x1f])\s)+"
)


def pretokens(text: str) -> list[str]:
    """The text cut into words, as GPT-2 does it; joined again, they are the text.

    A word is a run of letters, a run of digits, or a run of other characters, each with one blank
    before it; what follows an apostrophe in "it's" or "you'll"; or a run of blanks and ends of
    lines. Merges of pieces stay inside a word.

    Raises:
        TypeError: text is no string.

    Source: Radford et al., 2019, section 2.2, and the pattern in the code published with it.

    >>> pretokens("It's 20 cats,  on mats.")
    ['It', "'s", ' 20', ' cats', ',', ' ', ' on', ' mats', '.']
    """
    if not isinstance(text, str):
        raise TypeError(f"text is a {type(text).__name__}, and must be a string")
    # Python counts characters such as ² and Ⅷ among the letters, Unicode among the numbers.
    numbers = {c for c in set(text) if unicodedata.category(c) in ("Nl", "No")}
    pattern = _WORD.replace("{numbers}", re.escape("".join(sorted(numbers))))
    return re.findall(pattern, text)
