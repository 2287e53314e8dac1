"""Tokens, and the pair to join in them."""


def these(tokens, *pair):
    return lambda _: {"tokens": tokens.split(), "pair": pair}


def drawn(count, *pair):
    return lambda random: {
        "tokens": random.choice([*pair, "c"], size=count).tolist(),
        "pair": pair,
    }


probes = (
    these("a b a a b", "a", "b"),
    these("a a a b", "a", "a"),
    these("a b b", "a", "b"),
    these("th e c a t h e th e", "th", "e"),
    these("ab c b c a bc", "b", "c"),
    these("a bc ab c c ab c", "ab", "c"),
    these("x y z", "y", "x"),
    drawn(17, "b", "a"),
    drawn(23, "a", "a"),
)


def nothing(_):
    return {"tokens": [], "pair": ("a", "b")}
