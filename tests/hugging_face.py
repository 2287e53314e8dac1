"""Makes what the tests of published models hold ours to: python tests/hugging_face.py

Tiny models with random parameters, saved by the library transformers in its own layout, and what
it computes with them. It needs the extras test-hf and minilm, and nothing is fetched. The library
also stands behind tests/nn/test_hugging_face.py, where it is installed; elsewhere these files do.
"""

import json
import shutil

import torch
from safetensors.torch import save_file
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer
from transformers import (
    BertConfig,
    BertForPreTraining,
    BertModel,
    BertTokenizerFast,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedModel,
)

from attnlab.nn import minilm
from attnlab.recipes.published import FOLDER
from attnlab.tasks import course_text

SMALL_BERT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
    "layer_norm_eps": 1e-3,
}
SMALL_GPT2 = {
    "n_embd": 24,
    "n_layer": 2,
    "n_head": 3,
    "n_positions": 40,
    "layer_norm_epsilon": 1e-3,
}
TEXTS = [
    "Attention is all you need.",
    "It's naïve: CAFÉ, Straße, İstanbul, ΣΊΣΥΦΟΣ!",
    "注意力 attends to 中文, かな and 한국어.",
    "tabs\tand\r\nlines\u00a0\u3000\u200b\u2028 here \x00\x07 \ufffd",
    "🙂 👩‍👧 e\u0301 x² ½ $5.00 50% a_b a-b (c) [SEP] ~^`",
    "unbelievablyunlikelywordsgoherezzqqx " + "y" * 101,
    "",
    "   ",
    "the cat sat on the mat, and the dogs' mats were taken by the cats.",
]


def randomised(model: PreTrainedModel, seed: int = 0) -> PreTrainedModel:
    """The model with parameters among which nothing that is 0 or 1 at first can hide."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=random)
    return model.eval()


def some_tokens(vocabulary: int, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (batch, position), none of them padding, and which are real."""
    random = torch.Generator().manual_seed(seed)
    tokens = torch.randint(5, vocabulary, (3, 11), generator=random)
    real = torch.arange(11) < torch.tensor([[11], [7], [2]])
    return tokens, real


def bert(text: str) -> dict[str, torch.Tensor]:
    """A BERT with its vocabulary, and its last hidden states."""
    folder = FOLDER / "bert"
    pieces = BertWordPieceTokenizer()
    pieces.train_from_iterator([text], vocab_size=640, show_progress=False)
    folder.mkdir(parents=True)
    pieces.save_model(str(folder))
    config = BertConfig(vocab_size=pieces.get_vocab_size(), **SMALL_BERT)
    model = randomised(BertForPreTraining(config))
    model.save_pretrained(folder)
    reader = BertTokenizerFast(vocab=str(folder / "vocab.txt"))
    numbers = [reader(each, split_special_tokens=True)["input_ids"] for each in TEXTS]
    (folder / "read.json").write_text(_listed(TEXTS, numbers), encoding="utf-8")
    tokens, real = some_tokens(config.vocab_size)
    types = (torch.arange(11) > 4).long().expand(3, 11).contiguous()
    with torch.no_grad():
        plain = model.bert(tokens, attention_mask=real.long()).last_hidden_state
        typed = model.bert(tokens, token_type_ids=types).last_hidden_state
    return {"tokens": tokens, "real": real, "types": types, "hidden": plain, "typed": typed}


def gpt2(text: str) -> dict[str, torch.Tensor]:
    """A GPT-2 with its vocabulary, and its logits."""
    folder = FOLDER / "gpt2"
    pieces = ByteLevelBPETokenizer()
    mark = ["<|endoftext|>"]
    pieces.train_from_iterator([text], vocab_size=320, show_progress=False)
    pieces.add_special_tokens(mark)
    folder.mkdir(parents=True)
    pieces.save_model(str(folder))
    numbers = [pieces.encode(each).ids for each in TEXTS]
    (folder / "read.json").write_text(_listed(TEXTS, numbers), encoding="utf-8")
    config = GPT2Config(vocab_size=pieces.get_vocab_size(), **SMALL_GPT2)
    model = randomised(GPT2LMHeadModel(config))
    model.save_pretrained(folder)
    tokens, real = some_tokens(config.vocab_size)
    with torch.no_grad():
        logits = model(tokens, attention_mask=real.long()).logits
    return {"tokens": tokens, "real": real, "logits": logits}


def real(text: str) -> dict[str, object]:
    """What MiniLM makes of a sentence: the first numbers of each token."""
    reader = BertTokenizerFast(vocab=str(minilm() / "vocab.txt"))
    with torch.no_grad():
        found = BertModel.from_pretrained(minilm()).eval()(**reader(text, return_tensors="pt"))
    hidden = found.last_hidden_state[0, :, :12].double()
    return {"sentence": text, "hidden": hidden.round(decimals=6).tolist()}


def _listed(texts: list[str], numbers: list[list[int]]) -> str:
    rows = zip(texts, numbers, strict=True)
    return "[\n" + ",\n".join(json.dumps([text, found]) for text, found in rows) + "\n]\n"


def main() -> None:
    """Make all of it anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    text = " ".join(course_text().values())
    for name, make in {"bert": bert, "gpt2": gpt2}.items():
        save_file(make(text), FOLDER / name / "expected.safetensors")
        (FOLDER / name / "generation_config.json").unlink(missing_ok=True)
        for file in (FOLDER / name).iterdir():
            file.chmod(0o644)
    stored = FOLDER.with_name("minilm_expected.json")
    stored.write_text(json.dumps(real("The cat sat on the mat.")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
