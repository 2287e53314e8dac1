"""Launching: a module run by several processes at once, which never outlive the one that asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_STARTER = "ATTNLAB_STARTED_BY"  # the process number of the one that asked
_GRACE = 5.0  # seconds that torchrun has to end its processes before it is ended itself


def torchrun(module: str, processes: int, restarts: int = 0) -> list[str]:
    """The command that runs a module in so many processes on this machine.

    The same as `torchrun --standalone --nproc-per-node 2 -m MODULE`, by this Python.

    >>> " ".join(torchrun("attnlab.cli", 2)[1:])
    '-m torch.distributed.run --standalone --nproc-per-node 2 -m attnlab.cli'
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(processes)]
    if restarts:
        command += ["--max-restarts", str(restarts), "--monitor-interval", "0.1"]
    return [*command, "-m", module]


def launched(
    module: str,
    processes: int,
    *arguments: str,
    seconds: float = 60.0,
    restarts: int = 0,
    folder: str | os.PathLike | None = None,
) -> Any:
    """Run a module in several processes, and give what the last line that they print holds.

    Args:
        module: one that prints a line of JSON, such as "attnlab.recipes.data_parallel".
        processes: how many.
        arguments: what it is handed.
        seconds: how long it may take; then all its processes are ended.
        restarts: how often all are begun again when one of them ends badly.
        folder: where they run; here if not given.

    Raises:
        ValueError: fewer than one process.
        OSError: it took too long, or failed: with the last lines that it wrote.
    """
    with launch(module, processes, *arguments, restarts=restarts, folder=folder) as running:
        try:
            out, error = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"{module} in {processes} processes took over {seconds:g} seconds, and was ended: "
                "is the machine busy?"
            ) from None
        if running.returncode:
            raise OSError(_why(module, processes, error))
    return json.loads(out.splitlines()[-1])


@contextmanager
def launch(
    module: str,
    processes: int,
    *arguments: str,
    restarts: int = 0,
    folder: str | os.PathLike | None = None,
) -> Iterator[subprocess.Popen]:
    """Start a module in several processes; when the block ends, they have ended too.

    Args: as `launched`.
    """
    if processes < 1:
        raise ValueError(f"processes is {processes}, and must be at least 1")
    told = {"OMP_NUM_THREADS": "1", "TORCH_CPP_LOG_LEVEL": "ERROR", _STARTER: str(os.getpid())}
    if sys.platform == "win32":
        told["USE_LIBUV"] = "0"  # PyTorch for Windows is built without it
    with subprocess.Popen(
        [*torchrun(module, processes, restarts), *arguments],
        env={**os.environ, **told},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            _end(running)


def end_with_starter() -> None:
    """End this process as soon as torchrun, or the one that called `launch`, is gone.

    Workers are in sessions of their own: where torchrun or a notebook's kernel is killed, nobody
    else would end them.
    """
    parent, starter = os.getppid(), int(os.environ.get(_STARTER, "0"))

    def watch() -> None:
        while os.getppid() == parent and (not starter or _lives(starter)):
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _lives(process: int) -> bool:
    if sys.platform == "win32":
        return True  # asking would end it there
    try:
        os.kill(process, 0)  # no signal: only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end(running: subprocess.Popen) -> None:
    if running.poll() is None:
        running.send_signal(signal.SIGTERM)  # torchrun hands it on to its processes
        try:
            running.communicate(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()


def _why(module: str, processes: int, error: str) -> str:
    """The first fault that a process told, out of all that torchrun writes around it."""
    lines: Sequence[str] = [line for line in error.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("attnlab:", "[rank")) and "Error" in line]
    words = told[0] if told else "\n".join(lines[-5:])
    return f"{module} in {processes} processes failed: {words}"
