"""The words that the translation task is made of, English beside French, with their forms."""

from __future__ import annotations

from typing import NamedTuple


class Noun(NamedTuple):
    """One English and one French noun, (singular, plural), with the French gender, "m" or "f"."""

    english: tuple[str, str]
    french: tuple[str, str]
    gender: str
    kind: str


class Adjective(NamedTuple):
    """An English adjective and its four French forms: m, f, m plural, f plural.

    `linked` is the form before a singular masculine noun that begins with a vowel sound. `order`
    is 0 for one that stands before the French noun, and else its rank in English from left to
    right; of each rank a noun takes one.
    """

    english: str
    french: tuple[str, str, str, str]
    linked: str
    order: int
    kinds: frozenset[str]

    def form(self, gender: str, plural: bool) -> str:
        """The French form that agrees."""
        return self.french[2 * plural + (gender == "f")]


class Verb(NamedTuple):
    """English forms for (I, he, they) and French ones for (je, il, ils), then the particle."""

    english: tuple[str, str, str]
    french: tuple[str, str, str]
    particle: str = ""


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


NOUNS = tuple(
    Noun((one, many), (un, des), gender, kind)
    for one, many, un, des, gender, kind in _rows("""
        witch     witches    sorcière sorcières f human
        woman     women      femme    femmes    f human
        queen     queens     reine    reines    f human
        man       men        homme    hommes    m human
        child     children   enfant   enfants   m human
        hero      heroes     héros    héros     m human
        cat       cats       chat     chats     m animal
        dog       dogs       chien    chiens    m animal
        bird      birds      oiseau   oiseaux   m animal
        owl       owls       hibou    hiboux    m animal
        house     houses     maison   maisons   f place
        school    schools    école    écoles    f place
        garden    gardens    jardin   jardins   m place
        tree      trees      arbre    arbres    m thing
        apple     apples     pomme    pommes    f thing
        book      books      livre    livres    m text
        story     stories    histoire histoires f text
        letter    letters    lettre   lettres   f signed
        agreement agreements accord   accords   m signed
    """)
)

AREA = Noun(("Area", "Areas"), ("zone", "zones"), "f", "area")

NEVER_OWNED = ("woman", "man")
"""Nouns without my, his or her: "ma femme" is my wife."""

POSSESSIVES = ("my", "his", "her")

_LIVING = {"human", "animal"}
_LIFELESS = {"place", "thing", "text", "signed", "area"}
_KINDS = {
    "all": _LIVING | _LIFELESS,
    "seen": _LIVING | _LIFELESS - {"area"},
    "tall": {"animal", "place", "thing", "area"},  # "un grand homme" is a great man
    "living": _LIVING,
    "lifeless": _LIFELESS,
    "coloured": {"animal", "place", "thing"},
    "European": {"human", "place", "signed"},
    "signed": {"signed"},
    "none": set(),
}

_ADJECTIVES = {
    english: Adjective(english, (m, f, ms, fs), linked, int(order), frozenset(_KINDS[kinds]))
    for english, m, f, ms, fs, linked, order, kinds in _rows("""
        small     petit     petite     petits     petites     petit     0 seen
        big       grand     grande     grands     grandes     grand     0 tall
        old       vieux     vieille    vieux      vieilles    vieil     0 seen
        beautiful beau      belle      beaux      belles      bel       0 seen
        new       nouveau   nouvelle   nouveaux   nouvelles   nouvel    0 lifeless
        young     jeune     jeune      jeunes     jeunes      jeune     0 living
        strange   étrange   étrange    étranges   étranges    étrange   1 all
        happy     heureux   heureuse   heureux    heureuses   heureux   1 living
        tired     fatigué   fatiguée   fatigués   fatiguées   fatigué   1 living
        black     noir      noire      noirs      noires      noir      2 coloured
        red       rouge     rouge      rouges     rouges      rouge     2 coloured
        European  européen  européenne européens  européennes européen  3 European
        economic  économique économique économiques économiques économique 4 signed
        Economic  économique économique économiques économiques économique 4 none
    """)
}
ADJECTIVES = tuple(_ADJECTIVES.values())
OF_THE_AREA = (_ADJECTIVES["European"], _ADJECTIVES["Economic"])


def _verbs(table: str) -> tuple[Verb, ...]:
    return tuple(
        Verb((base, third, base), (je, il, ils), *particle)
        for base, third, je, il, ils, *particle in _rows(table)
    )


DO_SOMETHING = _verbs("""
    see    sees    vois    voit    voient
    love   loves   aime    aime    aiment
    watch  watches regarde regarde regardent
    find   finds   trouve  trouve  trouvent
    forget forgets oublie  oublie  oublient
    know   knows   connais connaît connaissent
    wait   waits   attends attend  attendent for
    look   looks   cherche cherche cherchent for
""")
DO = _verbs("""
    sleep  sleeps  dors    dort    dorment
    sing   sings   chante  chante  chantent
    laugh  laughs  ris     rit     rient
    arrive arrives arrive  arrive  arrivent
""")
SPEAK, GIVE = _verbs("""
    speak  speaks  parle   parle   parlent
    give   gives   donne   donne   donnent
""")
SAY_THAT = _verbs("""
    say    says    dis     dit     disent
    think  thinks  pense   pense   pensent
""")
BE = Verb(("am", "is", "are"), ("suis", "est", "sont"))

NAMES = {"Ana": "f", "Mia": "f", "Tom": "m", "Omar": "m"}
PRONOUNS = {"I": "je", "he": "il", "she": "elle", "they": "ils"}

# French for m, f and the plural.
ARTICLES = {
    "the": ("le", "la", "les"),
    "a": ("un", "une", ""),
    "some": ("", "", "des"),
    "this": ("ce", "cette", ""),
    "these": ("", "", "ces"),
    "my": ("mon", "ma", "mes"),
    "his": ("son", "sa", "ses"),
    "her": ("son", "sa", "ses"),
    "two": ("", "", "deux"),
}
LINKED_ARTICLES = {"ce": "cet", "ma": "mon", "sa": "son"}  # before a vowel sound, in the singular

PREPOSITIONS = {
    "of": ("de",),
    "near": ("près", "de"),
    "with": ("avec",),
    "behind": ("derrière",),
    "in": ("dans",),
    "on": ("sur",),
    "about": ("sur",),
    "to": ("à",),
}
CONJUNCTIONS = {
    "and": ("et",),
    "but": ("mais",),
    "when": ("quand",),
    "if": ("si",),
    "because": ("parce", "que"),
}
MONTHS = {"May": "mai", "June": "juin", "August": "août"}
YEARS = ("1992", "1995", "2004")
