"""A bet on a claim before the experiment, and what became of it after."""

from __future__ import annotations

import html
from functools import cached_property

import anywidget
import traitlets as t
from ipywidgets import widget_serialization

from attnlab.check.diary import record_bet
from attnlab.lab.widgets.assets import bundle, style

_FOUND = {"true": "true", "false": "false", "caveat": "true, with a caveat"}
_ANSWERS = {"true": "true", "false": "false", "caveat": "depends"}  # verdict -> who is right
LEVELS = (50, 65, 80, 95)
"""How sure one can be, in per cent: of a claim that is certain nobody needs an experiment."""
_STYLE = style("palette.css") + style("figures.css") + style("asking.css") + style("bet.css")


class Bet(anywidget.AnyWidget):
    """A claim on which the reader bets; `verdict` shows what the experiment said of it.

    Traits: claim (its id in the ledger); statement; found ("true", "false" or "caveat"); because;
    given (what was bet: "true", "false", "depends", or "" before that); sure (in per cent, or 0);
    settled (whether the verdict was read, after which the bet stands fast).
    """

    _esm = bundle("bet.js")
    _css = _STYLE
    claim = t.Unicode().tag(sync=True)
    statement = t.Unicode().tag(sync=True)
    found = t.Enum(tuple(_FOUND), "true").tag(sync=True)
    because = t.Unicode().tag(sync=True)
    answers = t.List(t.Unicode(), list(_ANSWERS.values())).tag(sync=True)
    levels = t.List(t.Int(), list(LEVELS)).tag(sync=True)
    given = t.Enum(("", *_ANSWERS.values()), "").tag(sync=True)
    sure = t.Enum((0, *LEVELS), 0).tag(sync=True)
    settled = t.Bool(False).tag(sync=True)

    @property
    def right(self) -> bool:
        """Whether the experiment says what was bet."""
        return self.given == _ANSWERS[self.found]

    @property
    def told(self) -> str:
        """What is said of the bet beside its verdict."""
        bet = f"You bet {self.given}, {self.sure} % sure." if self.given else "No bet was placed."
        return f"{bet} {' '.join(self.finding)}"

    @property
    def finding(self) -> tuple[str, str]:
        """What the experiment says, whatever was bet: the verdict, and why."""
        return f"The experiment says: {_FOUND[self.found]}.", self.because

    @cached_property
    def verdict(self) -> BetVerdict:
        """What the experiment says, beside the bet; it ends the cell that decides."""
        return BetVerdict(bet=self)

    @t.observe("settled")
    def _keep(self, _):
        if self.settled and self.given:
            record_bet(self.claim, self.sure, self.right)

    def __repr__(self) -> str:
        return f"{self.statement}\n" + "\n".join(f"  ( ) {answer}" for answer in self.answers)

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        items = "".join(f"<li>{answer}</li>" for answer in self.answers)
        still = f"<p>{html.escape(self.statement)}</p><ul>{items}</ul>"
        return data | {"text/plain": repr(self), "text/html": still}, metadata


class BetVerdict(anywidget.AnyWidget):
    """What the experiment said of a bet, beside what was bet.

    Trait: bet.
    """

    _esm = bundle("bet_verdict.js")
    _css = _STYLE
    bet = t.Instance(Bet).tag(sync=True, **widget_serialization)

    def __repr__(self) -> str:
        return " ".join(self.bet.finding)

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        still = f'<p class="attn-finding">{html.escape(repr(self))}</p>'
        return data | {"text/plain": repr(self), "text/html": still}, metadata


def bet(claim: str, statement: str, *, verdict: str, because: str) -> Bet:
    """Let the reader bet on a claim before an experiment decides; works also without a kernel.

    Args:
        claim: its id in the ledger.
        statement: the claim, in one sentence.
        verdict: what the experiment finds: "true", "false" or "caveat" (true, with a caveat).
        because: in a sentence or two, what the experiment showed.

    Raises:
        TypeError: something that is no text.
        ValueError: an empty text, or a verdict that is none of the three.

    >>> bet("sums-to-one", "The weights of a row sum to 1.", verdict="true", because="They do.")
    The weights of a row sum to 1.
      ( ) true
      ( ) false
      ( ) depends
    """
    texts = {"claim": claim, "statement": statement, "verdict": verdict, "because": because}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(
                f"{name} is a {type(text).__name__}, and must be a text: write str(...)"
            )
        if not text.strip():
            raise ValueError(f"{name} is empty: say it in a few words")
    if verdict not in _FOUND:
        raise ValueError(f"verdict is {verdict!r}, and must be one of {list(_FOUND)}")
    return Bet(claim=claim, statement=statement, found=verdict, because=because)
