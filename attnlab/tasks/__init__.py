"""What there is to learn: generators of data, each seeded by the caller.

Sentences to translate have a room of their own, `attnlab.tasks.translation`; the other tasks are
so small that a reader can solve them by eye.
"""

import sys
import warnings
from operator import attrgetter

from attnlab.tasks.animals_and_things import (
    ANIMALS,
    KIND_WORDS,
    NOUNS_OF_KINDS,
    THINGS,
    labelled_kinds,
    text_of_kinds,
)
from attnlab.tasks.byte_pairs import BytePairs
from attnlab.tasks.communities import communities
from attnlab.tasks.course_text import course_text
from attnlab.tasks.dependency_sentences import Parsed, dependency_sentences
from attnlab.tasks.far_pairs import FAR_COLOURS, far_pairs, far_rows
from attnlab.tasks.gpt2_files import gpt2_pieces
from attnlab.tasks.lookup_graphs import lookup_edges, lookup_graphs
from attnlab.tasks.pair_merging import MergeStep, merge_steps
from attnlab.tasks.paraphrases import PARAPHRASE_WORDS, paraphrases_of, scene_paraphrases, scenes
from attnlab.tasks.pretokens import pretokens
from attnlab.tasks.recall import (
    associative_recall,
    first_word_recall,
    multi_hop_recall,
    noisy_recall,
    recall_words,
    two_key_recall,
)
from attnlab.tasks.scene_captions import (
    LONGEST_CAPTION,
    RELATIONS,
    SCENE_WORDS,
    captions_of,
    gold_regions,
    named_objects,
    relation,
)
from attnlab.tasks.sequences import (
    DIGITS,
    add_numbers,
    copy_digits,
    reverse_digits,
    sort_digits,
    with_marks,
)
from attnlab.tasks.shape_scenes import (
    BACKGROUND,
    COLOURS,
    HELD_OUT,
    MOST_OBJECTS,
    SHAPES,
    SIZES,
    Scene,
    SceneObject,
    cover,
    draw_scene,
    shape_scenes,
    shown_objects,
)
from attnlab.tasks.spectrogram import spectrogram
from attnlab.tasks.speech import LETTERS, voice
from attnlab.tasks.stories import PROPERTY, REFERENCE, STORY, STORY_WORDS, pet_stories
from attnlab.tasks.tones import prevailing, tones
from attnlab.tasks.translation import (
    AGREEMENT,
    ENGLISH,
    EXAMPLE_PAIRS,
    FRENCH,
    Pair,
    Splits,
    detokenize,
    pair_from_clauses,
    sentence_pairs,
    split_of,
    splits,
)
from attnlab.tasks.variable_lengths import geometric_lengths, padded_sentences
from attnlab.tasks.vocabulary import BEGIN, END, MARKS, PAD, UNKNOWN, Vocabulary, pad
from attnlab.tasks.word_order import (
    IN_AND_OUT,
    in_or_out,
    mixed_lengths,
    word_before,
    word_before_mark,
)
from attnlab.tasks.word_pieces import WordPieces

__all__ = [
    "AGREEMENT",
    "ANIMALS",
    "BACKGROUND",
    "BEGIN",
    "COLOURS",
    "DIGITS",
    "END",
    "ENGLISH",
    "EXAMPLE_PAIRS",
    "FAR_COLOURS",
    "FRENCH",
    "HELD_OUT",
    "IN_AND_OUT",
    "KIND_WORDS",
    "LETTERS",
    "LONGEST_CAPTION",
    "MARKS",
    "MOST_OBJECTS",
    "NOUNS_OF_KINDS",
    "PAD",
    "PARAPHRASE_WORDS",
    "PROPERTY",
    "REFERENCE",
    "RELATIONS",
    "SCENE_WORDS",
    "SHAPES",
    "SIZES",
    "STORY",
    "STORY_WORDS",
    "THINGS",
    "UNKNOWN",
    "BytePairs",
    "MergeStep",
    "Pair",
    "Parsed",
    "Scene",
    "SceneObject",
    "Splits",
    "Vocabulary",
    "WordPieces",
    "add_numbers",
    "associative_recall",
    "captions_of",
    "communities",
    "copy_digits",
    "course_text",
    "cover",
    "dependency_sentences",
    "detokenize",
    "draw_scene",
    "far_pairs",
    "far_rows",
    "first_word_recall",
    "geometric_lengths",
    "gold_regions",
    "gpt2_pieces",
    "in_or_out",
    "labelled_kinds",
    "lookup_edges",
    "lookup_graphs",
    "merge_steps",
    "mixed_lengths",
    "multi_hop_recall",
    "named_objects",
    "noisy_recall",
    "pad",
    "padded_sentences",
    "pair_from_clauses",
    "paraphrases_of",
    "pet_stories",
    "pretokens",
    "prevailing",
    "recall_words",
    "relation",
    "reverse_digits",
    "scene_paraphrases",
    "scenes",
    "sentence_pairs",
    "shape_scenes",
    "shown_objects",
    "sort_digits",
    "spectrogram",
    "split_of",
    "splits",
    "text_of_kinds",
    "tones",
    "two_key_recall",
    "voice",
    "with_marks",
    "word_before",
    "word_before_mark",
]

_OLD_NAMES = {
    "TELLING_WORDS": "PARAPHRASE_WORDS",
    "VOCABULARY": "STORY_WORDS",
    "framed": "with_marks",
    "friends": "multi_hop_recall",
    "hearsay": "noisy_recall",
    "lexicon": "translation.lexicon",
    "look_up": "associative_recall",
    "part": "split_of",
    "scenes_to_tell": "scenes",
    "tellings": "scene_paraphrases",
    "tellings_of": "paraphrases_of",
    "translated": "pair_from_clauses",
    "two_look_ups": "two_key_recall",
    "uneven_lengths": "geometric_lengths",
    "written": "detokenize",
}


def __getattr__(name: str):
    """What had another name until now is still found by it, with a warning, for one version."""
    if name not in _OLD_NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    new = _OLD_NAMES[name]
    warnings.warn(
        f"attnlab.tasks.{name} is now attnlab.tasks.{new}, and will be gone in the next version",
        DeprecationWarning,
        stacklevel=2,
    )
    return attrgetter(new)(sys.modules[__name__])
