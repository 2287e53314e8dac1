"""How a trained model comes into the package: its weights, and a record of how they were made.

The weights are stored in half precision, which halves the file, and pages load the same ones; so
the model is judged with these.

python -m attnlab.recipes.shipping translation small      trains it anew, from seed 0
"""

from __future__ import annotations

import json
import platform
import sys
from time import process_time
from typing import Any

import torch
from safetensors.torch import save_file

from attnlab.recipes import shipped
from attnlab.recipes.shelf import find


def ship(task: str, config: str, seed: int = 0) -> dict[str, Any]:
    """Train a model, and put it into the package with a record of how; gives the record.

    Weights are rounded to half precision: 11 bits, so by less than a part in 2,000.
    """
    recipe, start = find(task, config), process_time()
    model, steps = shipped.learn(recipe, seed)
    seconds = process_time() - start
    model.half().float()  # what is kept of the weights
    made = {
        "about": recipe.about,
        "command": f"attnlab train {task} --config {config} --seed {seed}",
        "config": shipped.plain(recipe),
        "weights": sum(weight.numel() for weight in model.parameters()),
        "seed": seed,
        "steps": steps,
        "processor_seconds": round(seconds),
        "torch": torch.__version__.split("+")[0],
        "machine": platform.machine(),
        "results": recipe.judge(model.eval()),
        "details": recipe.details(model),
    }
    shipped.FOLDER.mkdir(exist_ok=True)
    weights = shipped.path_of(task, config).with_suffix(".safetensors")
    save_file({name: tensor.half() for name, tensor in model.state_dict().items()}, weights)
    weights.chmod(0o644)  # to be read by whoever uses the package
    text = json.dumps(made, indent=1) + "\n"
    shipped.path_of(task, config).with_suffix(".json").write_text(
        text, encoding="utf-8", newline="\n"
    )
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    task, config = sys.argv[1:3]
    print(ship(task, config)["results"])
