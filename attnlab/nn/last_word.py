"""A classifier that answers at the end of a sentence, and the parts by which it may read it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Integer
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.embedding import Embedding
from attnlab.nn.handed_in import check_vectors
from attnlab.nn.multihead import MultiHeadAttention
from attnlab.nn.position_encoding import PositionEncoding


class LastState(nn.Module):
    """What a recurrent network has at the last word: all it knows has been carried there.

    Of a bidirectional network this is the state of both directions at the last word, where the
    one that reads backwards has read no more than that word.

    Args:
        network: `nn.RNN`, `nn.GRU` or `nn.LSTM`, made with batch_first=True.

    Raises:
        TypeError: another kind of module.
        ValueError: a network without batch_first.

    >>> LastState(nn.GRU(3, 5, batch_first=True))(torch.ones(2, 7, 3)).shape
    torch.Size([2, 5])
    """

    def __init__(self, network: nn.RNNBase):
        super().__init__()
        _check_network(network)
        self.network = network

    def forward(
        self, words: Float[Tensor, "batch position d_model"]
    ) -> Float[Tensor, "batch width"]:
        """The output at the last position, (batch, width)."""
        check_vectors("words", words, self.network.input_size)
        return self.network(words)[0][:, -1]


class Summary(nn.Module):
    """What each direction of a recurrent network knows when it has read all words.

        summary = (forward_n, backward_1), end to end

    Args:
        network: `nn.RNN`, `nn.GRU` or `nn.LSTM` of one layer, made with batch_first=True and
            bidirectional=True.

    Raises:
        TypeError: another kind of module.
        ValueError: a network without batch_first, with one direction or several layers.

    >>> Summary(nn.GRU(3, 5, batch_first=True, bidirectional=True))(torch.ones(2, 7, 3)).shape
    torch.Size([2, 10])

    Source: Schuster and Paliwal 1997, "Bidirectional Recurrent Neural Networks".
    """

    def __init__(self, network: nn.RNNBase):
        super().__init__()
        _check_network(network)
        if not network.bidirectional or network.num_layers != 1:
            raise ValueError(
                f"network has bidirectional={network.bidirectional} and "
                f"num_layers={network.num_layers}: a summary needs both directions and one layer; "
                "of a network with one direction take LastState(network)"
            )
        self.network = network

    def forward(
        self, words: Float[Tensor, "batch position d_model"]
    ) -> Float[Tensor, "batch width"]:
        """Both last states end to end, (batch, width)."""
        check_vectors("words", words, self.network.input_size)
        states = self.network(words)[0]
        hidden = self.network.hidden_size
        return torch.cat([states[:, -1, :hidden], states[:, 0, hidden:]], dim=-1)


class LastLook(nn.Module):
    """One look of the last word at all words: what it wants is read where it stands.

        output = attention(last of x, x)

    Args:
        attention: how it looks; `MultiHeadAttention`, or another with `forward(query, key)`.

    >>> LastLook(MultiHeadAttention(4, 2))(torch.ones(2, 7, 4)).shape
    torch.Size([2, 4])

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1, with a single query.
    """

    def __init__(self, attention: MultiHeadAttention | nn.Module):
        super().__init__()
        self.attention = attention

    def forward(
        self, words: Float[Tensor, "batch position d_model"]
    ) -> Float[Tensor, "batch width"]:
        """What the last word fetches, (batch, width)."""
        return self.attention(words[:, -1:], words)[:, 0]


class LastWordClassifier(nn.Module):
    """Embed the words, let a part read them, answer once at the end.

        x = embedding(tokens)
        answer = reader(x) W + b

    The reader is handed in, so that networks that carry and attention that looks differ in
    nothing else.

    Args:
        vocabulary: how many words there are.
        classes: how many answers there are.
        reader: (batch, position, d_model) -> (batch, width): `LastState`, `Summary` or `LastLook`
            of a network of one's own, or another.
        width: the dimension of what the reader hands over.
        d_model: the dimension of the embeddings.
        positions: where positions enter the embeddings; nowhere if not given, since a recurrent
            network knows the order by itself.

    Raises:
        TypeError, ValueError: sizes that are no whole numbers of at least 1.

    >>> reader = LastState(nn.GRU(4, 6, batch_first=True))
    >>> model = LastWordClassifier(17, 8, reader, width=6, d_model=4)
    >>> model(torch.tensor([[3, 9, 12, 0]])).shape
    torch.Size([1, 8])
    """

    def __init__(
        self,
        vocabulary: int,
        classes: int,
        reader: nn.Module,
        *,
        width: int,
        d_model: int = 32,
        positions: PositionEncoding | None = None,
    ):
        super().__init__()
        check_sizes(classes=classes, width=width)
        self.embedding = Embedding(vocabulary, d_model, positions=positions, scale=1.0)
        self.reader = reader
        self.answer = nn.Linear(width, classes)

    def forward(self, tokens: Integer[Tensor, "batch position"]) -> Float[Tensor, "batch classes"]:
        """A score for each answer, (batch, classes).

        Args:
            tokens: whole numbers from 0 up to, without, vocabulary, (batch, position).

        Raises:
            ValueError: another number of axes, or a word that is not in the vocabulary.
        """
        return self.answer_of(self.embedding(tokens))

    def answer_of(
        self, words: Float[Tensor, "batch position d_model"]
    ) -> Float[Tensor, "batch classes"]:
        """The same from the words' vectors, by which a gradient can be taken."""
        return self.answer(self.reader(words))


def _check_network(network: nn.Module) -> None:
    if not isinstance(network, nn.RNNBase):
        raise TypeError(
            f"network is a {type(network).__name__}, and must be an nn.RNN, nn.GRU or nn.LSTM"
        )
    if not network.batch_first:
        raise ValueError(
            "network has batch_first=False, and words are (batch, position, d_model): make it "
            "with batch_first=True"
        )
