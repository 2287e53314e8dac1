"""One file names the colours; pictures, figures, the book and the slides take them from there."""

import re
from collections import Counter
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


def light_of(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lights = sorted([light_of(one), light_of(other)])
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_black_on_white_is_21_to_1():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("part", ["query", "key", "value", "output", "ink", "quiet"])
def test_letters_in_the_colour_of_a_part_can_be_read(part):
    own = re.findall(rf"--attn-{part}: (#[0-9a-f]{{6}});", style("palette.css"))
    light, dark = own[0], own[-1]
    book = re.findall(r"--bg: (#[0-9a-f]+);", (PACKAGE / "book/front/book.css").read_text("utf-8"))
    assert book == ["#fff", "#151823"]
    assert contrast(light, "#ffffff") >= 4.5  # also JupyterLab and the slides
    assert contrast(dark, "#151823") >= 4.5
    assert contrast(dark, "#111111") >= 4.5  # JupyterLab, dark


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_no_colour_of_the_palette_is_written_a_second_time(path):
    written = set(re.findall(r"#[0-9a-f]{6}\b", path.read_text(encoding="utf-8").lower()))
    everywhere = set(re.findall(r"#[0-9a-f]{6}\b", style("palette.css")))
    assert not written & everywhere


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_every_colour_that_is_asked_for_has_a_name(path):
    asked = set(re.findall(r"var\(--attn-(\w+)\)", path.read_text(encoding="utf-8")))
    assert asked <= set(PALETTE)


def selectors(sheet: str) -> list[str]:
    """Those that have a rule of their own, which holds everywhere and on every screen."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"@[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    return [" ".join(found.split()) for found in re.findall(r"([^{}]+)\{[^{}]*\}", sheet)]


def test_no_two_figures_give_one_name_to_different_things():
    twice = Counter(selectors(style("figures.css")))
    assert [name for name, count in twice.items() if count > 1] == []
