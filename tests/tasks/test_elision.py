import pytest

from attnlab.tasks.translation.elision import elide, vowel_sound


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("le accord", "l' accord"),
        ("la école", "l' école"),
        ("le homme", "l' homme"),
        ("la histoire", "l' histoire"),
        ("le héros", "le héros"),
        ("le hibou", "le hibou"),
        ("le petit oiseau", "le petit oiseau"),
        ("je aime Ana", "j' aime Ana"),
        ("je ne aime pas Omar", "je n' aime pas Omar"),
        ("le chat de Ana", "le chat d' Ana"),
        ("le chat que elle aime", "le chat qu' elle aime"),
        ("parce que ils dorment", "parce qu' ils dorment"),
        ("si il dort", "s' il dort"),
        ("si ils dorment", "s' ils dorment"),
        ("si elle dort", "si elle dort"),
        ("si Ana dort", "si Ana dort"),
        ("près de le jardin", "près du jardin"),
        ("près de les arbres", "près des arbres"),
        ("près de le arbre", "près de l' arbre"),
        ("près de la école", "près de l' école"),
        ("près de la maison", "près de la maison"),
        ("près de un chat", "près d' un chat"),
        ("à le chat", "au chat"),
        ("à les chats", "aux chats"),
        ("à le enfant", "à l' enfant"),
        ("à la reine", "à la reine"),
        ("de vieux arbres", "de vieux arbres"),
    ],
)
def test_neighbours_as_a_french_reader_writes_them(words, written):
    assert " ".join(word for word, _ in elide((word, ()) for word in words.split())) == written


def test_an_elided_word_keeps_its_links_and_a_contraction_those_of_both():
    assert elide([("le", (0,)), ("accord", (1,))]) == [("l'", (0,)), ("accord", (1,))]
    words = [("près", (3,)), ("de", (3,)), ("les", (4,)), ("chats", (5,))]
    assert elide(words) == [("près", (3,)), ("des", (3, 4)), ("chats", (5,))]


def test_no_words_stay_none():
    assert elide([]) == []


def test_a_capital_letter_sounds_like_a_small_one():
    assert vowel_sound("Omar")
    assert vowel_sound("été")
    assert not vowel_sound("Mia")
