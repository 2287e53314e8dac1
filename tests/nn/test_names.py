"""What the modules are called, what they say of themselves, and what they were called before."""

import pytest
import torch

import attnlab.nn
from attnlab import attention
from attnlab.nn import (
    AlibiPositions,
    Dropout,
    EncoderLayer,
    FlowPositions,
    LearnedPositions,
    MultiHeadAttention,
    RotaryPositions,
    SinusoidalPositions,
)

FORMER = ["Added", "Alibi", "Encoding", "Flow", "Learned", "Recurrent", "Rotary", "Sinusoidal"]


@pytest.mark.parametrize("name", FORMER)
def test_a_former_name_is_told_and_goes_on(name):
    now = {"Encoding": "PositionEncoding"}.get(name, f"{name}Positions")
    with pytest.warns(DeprecationWarning, match=rf"attnlab\.nn\.{name} is now {now}, .* import"):
        found = getattr(attnlab.nn, name)
    assert found is getattr(attnlab.nn, now)
    assert name not in attnlab.nn.__all__


def test_other_names_are_none():
    with pytest.raises(AttributeError, match="no attribute 'Clocks'"):
        attnlab.nn.Clocks  # noqa: B018


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (MultiHeadAttention(6, 2), "d_model=6, heads=2, attend=fused_attention"),
        (MultiHeadAttention(6, 2, attend=attention), "heads=2, attend=attention"),
        (EncoderLayer(8, 2, 9, attend=RotaryPositions().attend), "attend=RotaryPositions.attend"),
        (LearnedPositions(6, length=11), "d_model=6, length=11"),
        (SinusoidalPositions(6), "d_model=6"),
        (AlibiPositions(heads=3), "heads=3"),
        (FlowPositions(6, steps=2), "d_model=6, steps=2"),
        (Dropout(0.25), "p=0.25"),
    ],
)
def test_a_printed_layer_shows_what_it_is_made_of(module, words):
    assert words in repr(module)


def test_an_attend_that_is_a_module_is_printed_as_a_part():
    layer = MultiHeadAttention(6, 2, attend=torch.nn.Identity())
    assert "attend=Identity" in repr(layer)
    assert "(attend): Identity()" in repr(layer)
