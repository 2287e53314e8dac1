"""The colours of the book's pages: what is read, and what is used, stands out in each theme."""

import re
from pathlib import Path

import pytest

import attnlab.book
from attnlab.lab.widgets.assets import style

FRONT = Path(attnlab.book.__file__).parent / "front"
STYLE = (FRONT / "book.css").read_text(encoding="utf-8")
PALETTE = style("palette.css")
THEMES = {"light": r"html:root:root \{(.*?)\}", "navy": r"html\.navy:root:root \{(.*?)\}"}
PALETTES = {"light": r":root \{(.*?)\}", "navy": r"html\.navy.*? \{(.*?)\}"}
_HEX = re.compile(r"(--attn-\w+): (#[0-9a-f]{6});")
_NAMED = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6}|var\(--attn-\w+\));")
TEXT = ["fg", "links", "quiet", "true", "false", "caveat", "inline-code-color", "icons"]
TEXT += ["magenta", "cyan"]
GRAPHICS = ["outline", "ring", "scrollbar"]


def colours(theme: str) -> dict[str, str]:
    """The colours that a theme names, with those of light for what it leaves open."""
    named = {**own("light"), **own(theme)}
    palette = dict(_HEX.findall(re.search(PALETTES[theme], PALETTE, re.DOTALL)[1]))
    return {name: palette.get(value[4:-1], value) for name, value in named.items()}


def own(theme: str) -> dict[str, str]:
    """What a theme itself says: colours, or names of the palette as var(...)."""
    return dict(_NAMED.findall(re.search(THEMES[theme], STYLE, re.DOTALL)[1]))


def luminance(colour: str) -> float:
    """Of WCAG 2: how light a colour like #abc or #aabbcc is, from 0 to 1."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 for equal colours to 21 for black and white."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_definition():
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777", "#777777") == 1
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)  # the well-known grey


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("back", ["bg", "code", "quote-bg"])
def test_text_stands_out(theme, back):
    named = colours(theme)
    for name in TEXT:
        assert contrast(named[name], named[back]) >= 4.5, name


@pytest.mark.parametrize("theme", THEMES)
def test_the_list_of_chapters_stands_out(theme):
    named = colours(theme)
    for name in ("sidebar-fg", "sidebar-active", "sidebar-non-existant", "quiet"):
        assert contrast(named[name], named["sidebar-bg"]) >= 4.5, name


@pytest.mark.parametrize("theme", THEMES)
def test_controls_and_the_ring_of_focus_stand_out(theme):
    named = colours(theme)
    for name in [*GRAPHICS, "links"]:  # links: the handle of a slider
        assert contrast(named[name], named["bg"]) >= 3, name


def test_the_arrow_of_a_menu_stands_out_in_the_dark():
    navy = re.search(THEMES["navy"], STYLE, re.DOTALL)[1]
    arrow = re.search(r"--jp-widgets-dropdown-arrow: url\(.*fill='%23([0-9a-f]{6})'", navy)
    assert arrow, "that of ipywidgets is black"
    assert contrast(f"#{arrow[1]}", colours("navy")["bg"]) >= 3


def test_each_theme_names_its_own_colours():
    light, navy = colours("light"), colours("navy")
    same = {name for name in light if name in navy and light[name] == navy[name]}
    assert not same & {*TEXT, *GRAPHICS, "bg", "code"}


def test_no_colour_is_asked_of_another_host():
    for sheet in FRONT.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\((?!['\"]?data:)", text), sheet.name
