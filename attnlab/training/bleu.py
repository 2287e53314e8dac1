"""BLEU: how many runs of words a translation shares with the one that was wanted."""

from __future__ import annotations

from collections.abc import Sequence


def corpus_bleu(found: Sequence, wanted: Sequence) -> float:
    """The BLEU of a whole corpus, from 0 to 100; 100 if every sentence is exactly as wanted.

        100 * min(1, exp(1 - r / c)) * (p_1 p_2 p_3 p_4)^(1/4)

    p_n is the share of all runs of n words in `found` that stand in the wanted sentence too, each
    at most as often as there; c and r are how many words `found` and `wanted` have. All counts are
    sums over the corpus: this is not the mean over its sentences.

    It is counted by sacrebleu, with one reference a sentence and without its tokenizer, since the
    words are tokens already: case counts, and so does each mark of punctuation. Its signature is
    `nrefs:1|case:mixed|eff:yes|tok:none|smooth:exp`. Where no sentence of `found` has four words,
    the mean goes over the lengths that there are: three right words of three are 100. The
    smoothing only matters where no run of some length is right; it then counts as half a run, a
    quarter for the next such length.

    Args:
        found: what a model wrote: sentences, each a text with blanks between the words, or a
            list of words.
        wanted: what it should have written, one sentence for each.

    Raises:
        TypeError: a single text or a set in place of a list, or words that are not strings.
        ValueError: no sentences, or not as many in the one as in the other.

    >>> corpus_bleu(["the cat sat on the mat"], ["the cat sat on the mat"])
    100.0
    >>> round(corpus_bleu(["a b c d e"], ["a b c d f g"]), 2)  # exp(-1/5) (4/5 3/4 2/3 1/2)^(1/4)
    54.75

    Source: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation",
    section 2.3; Post 2018, "A Call for Clarity in Reporting BLEU Scores" (sacrebleu); Chen and
    Cherry 2014, section 3.3 (the smoothing).
    """
    from sacrebleu.metrics.bleu import BLEU  # here, since nothing else takes as long to import

    found, wanted = _sentences("found", found), _sentences("wanted", wanted)
    if len(found) != len(wanted):
        raise ValueError(
            f"found has {len(found)} sentences and wanted {len(wanted)}: each translation needs "
            "its own"
        )
    if found == wanted:  # empty sentences too, which have no words to count
        return 100.0
    # force: no advice to take another tokenizer
    measure = BLEU(tokenize="none", force=True, effective_order=True)
    return min(measure.corpus_score(found, [wanted]).score, 100.0)


def _sentences(name: str, sentences: Sequence) -> list[str]:
    if isinstance(sentences, set | frozenset | dict):
        raise TypeError(
            f"{name} is a {type(sentences).__name__}, which has no order: hand in a list, so that "
            "each translation meets its own"
        )
    if isinstance(sentences, str):
        raise TypeError(f"{name} is a single text: a corpus is a list of them, [{name}]")
    try:
        sentences = list(sentences)
    except TypeError:
        raise TypeError(f"{name} is {sentences!r}, and must be a list of sentences") from None
    if not sentences:
        raise ValueError(f"{name} has no sentences: corpus_bleu needs at least one")
    try:
        return [" ".join(s.split() if isinstance(s, str) else s) for s in sentences]
    except TypeError:
        raise TypeError(
            f"{name} holds words that are not strings: turn token numbers into words first, as a "
            "vocabulary's decode does"
        ) from None
