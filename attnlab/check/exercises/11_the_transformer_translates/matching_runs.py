"""Calls of a count of runs: two sentences and a length."""


def these(found, wanted, length):
    return lambda _: {"found": found.split(), "wanted": wanted.split(), "length": length}


def drawn(length, found, wanted):
    """Sentences of few words, so that runs come again and again."""

    def probe(random):
        some = [random.choice(["le", "chat", "et"], size=n).tolist() for n in (found, wanted)]
        return {"found": some[0], "wanted": some[1], "length": length}

    return probe


probes = (
    these("le le chat dort", "le chat dort", 1),
    these(
        "un chat que la petite pomme et la pomme la maison attend",
        "un chat et sa petite pomme et la maison attendent",
        2,
    ),
    these("le chat voit le chat et le chat", "le chat dort et le chat", 3),
    drawn(2, 17, 23),
    drawn(4, 29, 19),
)
two_words = these("il dort", "le chat dort", 4)
