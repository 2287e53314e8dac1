"""The encoder of recurrent translation: two networks read the source, from both ends."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.handed_in import warn_of_padding
from attnlab.nn.lengths import lengths_of
from attnlab.nn.recurrent_words import Words


class RecurrentEncoder(nn.Module):
    """A bidirectional GRU: one reads from the first word to the last, the other back.

        state_j = (forward_j, backward_j), end to end
        summary = (forward_n, backward_1): what each knows when it has read all

    Args:
        vocabulary: how many tokens there are.
        d_model: the length of the embeddings.
        hidden: the length of the state of each of the two networks.
        dropout: the share of the embeddings' features that is dropped in training.

    >>> encoder = RecurrentEncoder(10, d_model=4, hidden=6, dropout=0.1)
    >>> states, summary = encoder(torch.tensor([[1, 2, 3]]))
    >>> states.shape, summary.shape
    (torch.Size([1, 3, 12]), torch.Size([1, 1, 12]))

    Source: Bahdanau et al. 2015, section 3.2 and appendix A.2.1; Cho et al. 2014, eq. 5 to 8, for
    the GRU, whose reset gate PyTorch applies after the matrix: tanh(W x + r * (U h)).
    """

    def __init__(self, vocabulary: int, d_model: int, hidden: int, *, dropout: float):
        super().__init__()
        self.embedding = Words(vocabulary, d_model, dropout=dropout)
        self.network = nn.GRU(d_model, hidden, batch_first=True, bidirectional=True)

    def forward(
        self, source: Integer[Tensor, "batch source"], mask: Bool[Tensor, "..."] | None = None
    ) -> tuple[Float[Tensor, "batch source width"], Float[Tensor, "batch 1 width"]]:
        """The states, width = 2 hidden, and the summary; both take no notice of padding.

        Args:
            source: token numbers, (batch, source).
            mask: True = a real token, (batch, 1, source); padding stands at the end. States of
                padding are zeros.
        """
        words = self.embedding(source)
        if mask is None:
            warn_of_padding("source", source)
            states, last = self.network(words)
        else:
            lengths = lengths_of("source_mask", mask, *source.shape).cpu()
            packed = nn.utils.rnn.pack_padded_sequence(
                words, lengths, batch_first=True, enforce_sorted=False
            )
            states, last = self.network(packed)
            states, _ = nn.utils.rnn.pad_packed_sequence(
                states, batch_first=True, total_length=source.shape[1]
            )
        return states, last.transpose(0, 1).flatten(1)[:, None]
