"""One file names the colours; pictures, figures, the book and the slides take them from there."""

import re
from pathlib import Path

import pytest

import attnlab
from attnlab.lab.palette import PALETTE
from attnlab.lab.widgets.assets import style

PACKAGE = Path(attnlab.__file__).parent
DRAWN = [*(PACKAGE / "lab").rglob("*.py"), *(PACKAGE / "lab").rglob("*.js")]
DRAWN += [PACKAGE / "lab/widgets/figures.css", PACKAGE / "lab/widgets/asking.css"]
DRAWN += [PACKAGE / "lab/widgets/bet.css"]
DRAWN += [PACKAGE / "book/deck_template/deck.css", PACKAGE / "book/front/book.css"]


def test_the_palette_is_that_of_light_paper():
    assert PALETTE["little"] == "#faf8ff"
    assert PALETTE["query"] == "#0a5eb0"
    assert len(PALETTE) == 16


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_no_colour_of_the_palette_is_written_a_second_time(path):
    written = set(re.findall(r"#[0-9a-f]{6}\b", path.read_text(encoding="utf-8").lower()))
    everywhere = set(re.findall(r"#[0-9a-f]{6}\b", style("palette.css")))
    assert not written & everywhere


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_every_colour_that_is_asked_for_has_a_name(path):
    asked = set(re.findall(r"var\(--attn-(\w+)\)", path.read_text(encoding="utf-8")))
    assert asked <= set(PALETTE)
