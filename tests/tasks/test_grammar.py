"""Each rule of the grammar against sentences that were translated by hand."""

import pytest

from attnlab.tasks import AGREEMENT, detokenize, pair_from_clauses
from attnlab.tasks.translation.lexicon import (
    ADJECTIVES,
    AREA,
    DO,
    DO_SOMETHING,
    GIVE,
    NOUNS,
    OF_THE_AREA,
    SAY_THAT,
    SPEAK,
)
from attnlab.tasks.translation.phrases import (
    Act,
    Both,
    Clause,
    Is,
    Phrase,
    Signed,
    That,
    Where,
    Who,
    Whom,
    Word,
)

VERBS = {verb.english[0]: verb for verb in (*DO, *DO_SOMETHING, *SAY_THAT, SPEAK, GIVE)}
LIKE = {adjective.english: adjective for adjective in ADJECTIVES}
THE_AREA = Phrase("the", AREA, adjectives=OF_THE_AREA)


def phrase(words, tail=None):
    """ "these old cats" as a tree."""
    article, *adjectives, last = words.split()
    noun = next(noun for noun in NOUNS if last in noun.english)
    plural = last == noun.english[1]
    return Phrase(article, noun, plural, tuple(LIKE[word] for word in adjectives), tail)


def sees(words, tail=None):
    """What I see, in both languages."""
    pair = pair_from_clauses(Clause(Word("I"), Act(VERBS["see"], phrase(words, tail))))
    return " ".join(pair.source[2:]), detokenize(pair.target[2:])


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("the cat", "le chat"),
        ("the cats", "les chats"),
        ("the house", "la maison"),
        ("the men", "les hommes"),
        ("the man", "l'homme"),
        ("the school", "l'école"),
        ("the owl", "le hibou"),
        ("the hero", "le héros"),
        ("a woman", "une femme"),
        ("some stories", "des histoires"),
        ("two owls", "deux hiboux"),
        ("this cat", "ce chat"),
        ("this hero", "ce héros"),
        ("this man", "cet homme"),
        ("this agreement", "cet accord"),
        ("this story", "cette histoire"),
        ("these birds", "ces oiseaux"),
        ("my house", "ma maison"),
        ("my school", "mon école"),
        ("his story", "son histoire"),
        ("her cat", "son chat"),
        ("her letter", "sa lettre"),
        ("her letters", "ses lettres"),
        # Adjectives before the noun, and their forms before a vowel.
        ("a small cat", "un petit chat"),
        ("the big house", "la grande maison"),
        ("this old man", "ce vieil homme"),
        ("the old hero", "le vieux héros"),
        ("the old owls", "les vieux hiboux"),
        ("my old school", "ma vieille école"),
        ("a beautiful tree", "un bel arbre"),
        ("a beautiful bird", "un bel oiseau"),
        ("some beautiful birds", "de beaux oiseaux"),
        ("some beautiful stories", "de belles histoires"),
        ("the new agreement", "le nouvel accord"),
        ("the new agreements", "les nouveaux accords"),
        ("his new school", "sa nouvelle école"),
        ("the young child", "le jeune enfant"),
        # Adjectives behind it, the nearest first.
        ("the black cats", "les chats noirs"),
        ("some red apples", "des pommes rouges"),
        ("this strange bird", "cet oiseau étrange"),
        ("my strange story", "mon histoire étrange"),
        ("the happy queens", "les reines heureuses"),
        ("the happy men", "les hommes heureux"),
        ("the strange black cat", "le chat noir étrange"),
        ("the European economic agreement", "l'accord économique européen"),
        ("the beautiful black cats", "les beaux chats noirs"),
        ("some old tired witches", "de vieilles sorcières fatiguées"),
    ],
)
def test_a_noun_with_its_article_and_adjectives(english, french):
    assert sees(english) == (english, french)


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("a agreement", "an agreement"),
        ("a old man", "an old man"),
        ("a European man", "a European man"),
        ("a economic letter", "an economic letter"),
        ("a new apple", "a new apple"),
    ],
)
def test_a_or_an(said, english):
    assert sees(said)[0] == english


@pytest.mark.parametrize(
    ("words", "tail", "english", "french"),
    [
        ("the book", Where("of", phrase("the child")), "of the child", "de l'enfant"),
        ("the book", Where("of", phrase("the men")), "of the men", "des hommes"),
        ("the book", Where("of", phrase("the cat")), "of the cat", "du chat"),
        ("the book", Where("of", Word("Ana")), "of Ana", "d'Ana"),
        ("the book", Where("about", phrase("some cats")), "about some cats", "sur des chats"),
        ("the tree", Where("near", phrase("the garden")), "near the garden", "près du jardin"),
        ("the tree", Where("near", phrase("a old cat")), "near an old cat", "près d'un vieux chat"),
        ("the queen", Who(Act(VERBS["sleep"])), "who sleeps", "qui dort"),
        ("the cats", Who(Act(VERBS["sleep"])), "that sleep", "qui dorment"),
        ("the women", Who(Is(LIKE["tired"])), "who are tired", "qui sont fatiguées"),
        ("the cat", Whom(Word("he"), Act(VERBS["love"])), "that he loves", "qu'il aime"),
        ("the man", Whom(Word("I"), Act(VERBS["wait"])), "that I wait for", "que j'attends"),
        (
            "the cat",
            Whom(phrase("a witch"), Act(VERBS["see"], negated=True)),
            "that a witch does not see",
            "qu'une sorcière ne voit pas",
        ),
    ],
)
def test_what_follows_a_noun(words, tail, english, french):
    before = sees(words)
    assert sees(words, tail) == (f"{before[0]} {english}", f"{before[1]} {french}")


@pytest.mark.parametrize(
    ("subject", "act", "english", "french"),
    [
        (Word("I"), Act(VERBS["love"], phrase("the tree")), "I love the tree", "j'aime l'arbre"),
        (
            Word("I"),
            Act(VERBS["love"], Word("Omar"), negated=True),
            "I do not love Omar",
            "je n'aime pas Omar",
        ),
        (
            phrase("the owls"),
            Act(VERBS["look"], phrase("my apple"), negated=True),
            "the owls do not look for my apple",
            "les hiboux ne cherchent pas ma pomme",
        ),
        (Word("she"), Is(LIKE["happy"]), "she is happy", "elle est heureuse"),
        (Word("they"), Is(LIKE["old"]), "they are old", "ils sont vieux"),
        (Word("Mia"), Is(LIKE["European"]), "Mia is European", "Mia est européenne"),
        (Word("Tom"), Is(LIKE["tired"], True), "Tom is not tired", "Tom n'est pas fatigué"),
        (Word("I"), Is(LIKE["young"]), "I am young", "je suis jeune"),
        (
            Both(phrase("the queen"), phrase("a witch")),
            Is(LIKE["beautiful"]),
            "the queen and a witch are beautiful",
            "la reine et une sorcière sont belles",
        ),
        (
            Both(phrase("the queen"), phrase("a cat")),
            Is(LIKE["beautiful"]),
            "the queen and a cat are beautiful",
            "la reine et un chat sont beaux",
        ),
        (
            Word("he"),
            Act(SPEAK, where=Where("to", phrase("the children"))),
            "he speaks to the children",
            "il parle aux enfants",
        ),
        (
            Word("they"),
            Act(GIVE, phrase("some apples"), Where("to", phrase("the dog"))),
            "they give some apples to the dog",
            "ils donnent des pommes au chien",
        ),
        (
            Word("Ana"),
            That(VERBS["say"], Clause(Word("Omar"), Act(VERBS["arrive"], negated=True))),
            "Ana says that Omar does not arrive",
            "Ana dit qu'Omar n'arrive pas",
        ),
        (
            phrase("the letters"),
            Signed("August", "1992"),
            "the letters were signed in August 1992",
            "les lettres ont été signées en août 1992",
        ),
        (phrase("my letter"), Signed(), "my letter was signed", "ma lettre a été signée"),
        (
            phrase("two agreements"),
            Signed(),
            "two agreements were signed",
            "deux accords ont été signés",
        ),
        (
            phrase("the man"),
            Act(VERBS["sing"], where=Where("in", THE_AREA)),
            "the man sings in the European Economic Area",
            "l'homme chante dans la zone économique européenne",
        ),
    ],
)
def test_who_does_what(subject, act, english, french):
    pair = pair_from_clauses(Clause(subject, act))
    assert (" ".join(pair.source), detokenize(pair.target)) == (english, french)


@pytest.mark.parametrize(
    ("conjunction", "subject", "french"),
    [
        ("and", "he", "je dors et il rit"),
        ("but", "she", "je dors mais elle rit"),
        ("when", "Ana", "je dors quand Ana rit"),
        ("because", "he", "je dors parce qu'il rit"),
        ("because", "Mia", "je dors parce que Mia rit"),
        ("if", "he", "je dors s'il rit"),
        ("if", "she", "je dors si elle rit"),
    ],
)
def test_clauses_are_joined(conjunction, subject, french):
    clauses = [Clause(Word("I"), Act(VERBS["sleep"])), Clause(Word(subject), Act(VERBS["laugh"]))]
    pair = pair_from_clauses(*clauses, conjunctions=[conjunction])
    assert " ".join(pair.source) == f"I sleep {conjunction} {subject} laughs"
    assert detokenize(pair.target) == french


def words_side_by_side(pair):
    return [f"{pair.source[place]} {pair.target[at]}" for place, at in pair.alignment]


def test_the_sentence_of_bahdanau_with_its_alignment():
    assert " ".join(AGREEMENT.source) == (
        "the agreement on the European Economic Area was signed in August 1992"
    )
    assert detokenize(AGREEMENT.target) == (
        "l'accord sur la zone économique européenne a été signé en août 1992"
    )
    assert words_side_by_side(AGREEMENT) == [
        *("the l'", "agreement accord", "on sur", "the la"),
        *("European européenne", "Economic économique", "Area zone"),
        *("was a", "was été", "signed signé", "in en", "August août", "1992 1992"),
    ]
    area = [(place, at) for place, at in AGREEMENT.alignment if 4 <= place <= 6]
    assert area == [(4, 6), (5, 5), (6, 4)], "the anti-diagonal"


def test_alignment_of_words_that_become_two_and_of_two_that_become_one():
    cats = phrase("the cats", Where("near", phrase("the garden")))
    pair = pair_from_clauses(Clause(cats, Act(VERBS["wait"], Word("Ana"), negated=True)))
    assert words_side_by_side(pair) == [
        *("the les", "cats chats", "near près", "near du", "the du", "garden jardin"),
        *("do attendent", "not n'", "not pas", "wait attendent", "for attendent", "Ana Ana"),
    ]


def test_bad_conjunctions_are_named():
    clause = Clause(Word("I"), Act(VERBS["sleep"]))
    with pytest.raises(ValueError, match="conjunctions has 0 words for 2 clauses: give one"):
        pair_from_clauses(clause, clause)
    with pytest.raises(ValueError, match="conjunctions has 0 words for 0 clauses"):
        pair_from_clauses()
    with pytest.raises(ValueError, match="'or', and must be made of and, but, when"):
        pair_from_clauses(clause, clause, conjunctions=["or"])
