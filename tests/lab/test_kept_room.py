"""Figures keep lines free so that nothing jumps: how many, each says to the frame, and no style."""

import re
from pathlib import Path

import pytest

import attnlab
from attnlab.lab.widgets.assets import style

BOOK = Path(attnlab.__file__).parent / "book/front/book.css"
STYLES = {"figures": style("figures.css"), "book": BOOK.read_text(encoding="utf-8")}
OWN = re.compile(r"([^{}]*)\{[^{}]*min-height[^{}]*\}")


@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_no_style_keeps_room_for_one_kind_of_figure(text):
    kinds = "heatmap|heads|mask|clocks|steps|kernel|mixing|token|norm|beam|spread|switch|translator"
    kinds += "|relay|state|graph"
    kept = [rule.strip() for rule in OWN.findall(text) if re.search(kinds, rule)]
    assert not kept


def test_the_frame_says_how_many_lines():
    named = set(re.findall(r"--attn-(\w+)-lines", style("figures.css")))
    assert named == {"status", "work"}
    assert named == set(re.findall(r"--attn-(\w+)-lines", style("frame.js")))
