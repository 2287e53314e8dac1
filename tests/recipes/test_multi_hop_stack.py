"""The models that follow friends: as chapter 9 builds them, and judged as it judges them."""

import torch
from torch import nn

from attnlab.nn import EncoderLayer, post_norm
from attnlab.recipes.multi_hop_stack import error, follow, multi_hop_stack, share_right
from attnlab.tasks import multi_hop_recall


def groups(hops=1, people=6):
    return multi_hop_recall(torch.Generator().manual_seed(7), 40, people=people, hops=hops)


def test_it_is_the_stack_of_the_chapter_from_the_same_start():
    torch.manual_seed(5)
    layers = [EncoderLayer(8, 2, 16, around=post_norm, dropout=0.0) for _ in range(3)]
    wanted = nn.Sequential(nn.Linear(16, 8), *layers, nn.Linear(8, 4))
    model = multi_hop_stack(3, 8, seed=5, heads=2, around=post_norm)
    assert torch.equal(model(groups()[0]), wanted(groups()[0]))


def test_the_norm_is_the_one_that_was_handed_in():
    model = multi_hop_stack(2, 8, seed=0, norm=nn.RMSNorm)
    norms = [norm for layer in model[1:3] for norm in layer.norms]
    assert len(norms) == 4
    assert all(isinstance(norm, nn.RMSNorm) for norm in norms)


def test_the_share_right_is_1_for_the_answers_and_0_for_a_neighbours():
    group, answer = groups(people=7)
    told = {"right": lambda _: answer, "wrong": lambda _: group[..., -4:]}
    for name, share in {"right": 1.0, "wrong": 0.0}.items():
        model = nn.Identity()
        model.forward = told[name]
        assert share_right(model, group, answer) == share


def test_training_is_seeded_and_gives_both_shares():
    first, again, other = (
        follow(multi_hop_stack(1, 16, seed=seed), seed=seed, steps=12, lr=0.01, hops=1, batch=8)
        for seed in (0, 0, 1)
    )
    assert first == again != other
    assert set(first) == {"trained", "right"}


def test_the_error_is_the_mean_square():
    group, answer = groups()
    model = nn.Identity()
    model.forward = lambda _: answer + 3
    assert torch.isclose(error(model, group, answer), torch.tensor(9.0))
