"""Several processes for a test, as forks of this one: PyTorch is loaded already, so they start at
once, and gloo joins them by a file or, as torchrun does, by the environment."""

import multiprocessing
import os
import signal
import traceback
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import wait

import torch
from torch import distributed as dist

from attnlab.training.parallel import leave_group

_FORK = multiprocessing.get_context("fork") if os.name == "posix" else multiprocessing
_LATE = 60  # seconds


def together(function, processes, folder, *arguments):
    """What each of so many processes finds, by its rank; an error of one is raised here."""
    with _started(_in_group, function, processes, folder, arguments) as (_, ends):
        told = [end.recv() if end.poll(_LATE) else TimeoutError("no answer") for end in ends]
    for found in told:
        if isinstance(found, BaseException):
            raise found
    return [found["found"] for found in told]


def until_killed(function, processes, folder, *arguments):
    """The ranks that were ended by a kill -9 while they ran this; the others are ended then."""
    with _started(_in_group, function, processes, folder, arguments) as (workers, _):
        wait([worker.sentinel for worker in workers], _LATE)
        for worker in workers:
            worker.join(0.1)
        return [rank for rank, w in enumerate(workers) if w.exitcode == -signal.SIGKILL]


def as_torchrun(function, processes, folder, *arguments):
    """What each of so many processes finds that are told by the environment who they are."""
    store = dist.TCPStore("127.0.0.1", 0, is_master=True)
    told = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port)}
    told |= {"TORCHELASTIC_USE_AGENT_STORE": "True", "WORLD_SIZE": str(processes)}
    with _started(_in_environment, (told, function), processes, folder, arguments) as (_, ends):
        found = [end.recv() if end.poll(_LATE) else TimeoutError("no answer") for end in ends]
    return [answer["found"] if isinstance(answer, dict) else answer for answer in found]


@contextmanager
def _started(work, function, processes, folder, arguments):
    store = folder / "store"
    store.unlink(missing_ok=True)
    pipes = [_FORK.Pipe(duplex=False) for _ in range(processes)]
    places = [(rank, processes, store, pipes[rank][1]) for rank in range(processes)]
    workers = [_FORK.Process(target=_work, args=(work, function, p, arguments)) for p in places]
    for worker in workers:
        worker.start()
    try:
        yield workers, [here for here, _ in pipes]
    finally:
        for worker in workers:
            worker.join(1)
            worker.kill()
            worker.join()


def _work(work, function, place, arguments):
    torch.set_num_threads(1)
    try:
        place[-1].send({"found": work(function, place, arguments)})
    except Exception as error:
        traceback.print_exc()
        place[-1].send(error)
    os._exit(0)


def _in_group(function, place, arguments):
    rank, world, store, _ = place
    given = {"init_method": f"file://{store}", "rank": rank, "world_size": world}
    dist.init_process_group("gloo", timeout=timedelta(seconds=30), **given)
    try:
        return function(*arguments)
    finally:
        leave_group()


def _in_environment(told_and_function, place, arguments):
    told, function = told_and_function
    os.environ.update(told, RANK=str(place[0]), LOCAL_RANK=str(place[0]))
    return function(*arguments)
