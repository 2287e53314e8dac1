"""Several processes for a test, as forks of this one: PyTorch is loaded already, so they start at
once, and gloo joins them by a file."""

import multiprocessing
import os
import traceback
from datetime import timedelta

import torch
from torch import distributed as dist


def together(function, processes, folder, *arguments):
    """What each of so many processes finds, by its rank; an error of one is raised here."""
    context, store = multiprocessing.get_context("fork"), folder / "store"
    ends = [context.Pipe() for _ in range(processes)]
    places = [(rank, processes, store, ends[rank][1]) for rank in range(processes)]
    workers = [context.Process(target=_work, args=(function, place, arguments)) for place in places]
    for worker in workers:
        worker.start()
    try:
        told = [here.recv() if here.poll(60) else "late" for here, _ in ends]
    finally:
        for worker in workers:
            worker.join(2)
            worker.kill()
        store.unlink(missing_ok=True)
    wrong = [found for found in told if isinstance(found, BaseException | str)]
    if wrong:
        raise wrong[0] if isinstance(wrong[0], BaseException) else TimeoutError("no answer")
    return [found["found"] for found in told]


def _work(function, place, arguments):
    rank, world, store, end = place
    torch.set_num_threads(1)
    try:
        given = {"init_method": f"file://{store}", "rank": rank, "world_size": world}
        dist.init_process_group("gloo", timeout=timedelta(seconds=30), **given)
        end.send({"found": function(*arguments)})
        dist.destroy_process_group()
    except Exception as error:
        traceback.print_exc()
        end.send(error)
    os._exit(0)
