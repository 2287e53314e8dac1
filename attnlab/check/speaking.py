"""The message of a mistake or a flaw, made of the student's own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Seen, Words
from attnlab.check.running import Outcome
from attnlab.check.untouched import untouched


def spoken(says: Words, outcome: Outcome, wanted: Outcome, given: dict[str, Any]) -> str:
    """What is said of one call: the sentence, or what makes one of what came and should have."""
    if isinstance(says, str):
        return says
    single = [
        parts[0] if parts and len(parts) == 1 else parts for parts in (outcome.parts, wanted.parts)
    ]
    with untouched(), np.errstate(all="ignore"):
        return says(Seen(got=single[0], wanted=single[1], arguments=given))
