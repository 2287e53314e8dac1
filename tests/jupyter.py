"""A real JupyterLab with the course in it, started by `attnlab lab`, for a browser to look at.

Where Notebook 7 is installed, the same server shows it at /notebooks.
"""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

SAID = """figure => {
  figure.dispatchEvent(new Event("attn-ask"));  // its numbers are written when asked for
  return {...figure.dataset};
}"""
NOT_RUNNING = "() => /\\| Idle/.test(document.querySelector('#jp-main-statusbar')?.innerText ?? '')"
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
DARK = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"


@contextmanager
def jupyterlab(folder: Path):
    """Serve the course copied to `folder`/notebooks; gives the address and the token.

    The settings and signatures of whoever runs the test are left alone.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    private = {f"JUPYTER_{n}_DIR": str(folder / n.lower()) for n in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "attnlab.cli", "lab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", f"--IdentityProvider.token={token}"]
    command += [f"--{app}.expose_app_in_browser=True" for app in ("LabApp", "JupyterNotebookApp")]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | private,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/status?token={token}", process, folder / "server.log")
            yield address, token
        finally:
            _stop(f"{address}/api/shutdown?token={token}", process)


def _stop(address: str, process: subprocess.Popen) -> None:
    """Ask the server to end with its kernels: it is a child of `attnlab lab`, and would stay."""
    try:
        urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=10).close()
        process.wait(30)
    except (OSError, subprocess.TimeoutExpired):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGTERM)
        process.kill()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


def open_notebook(page, address: str, token: str, name: str) -> None:
    """Show one notebook in the one-document view, its cells not yet run."""
    page.goto(f"{address}/lab/tree/notebooks/{name}?token={token}&reset")
    page.wait_for_function("() => window.jupyterapp", timeout=60_000)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)


def run_all(page) -> None:
    """Run all cells of the open notebook, and wait until the kernel rests."""
    page.wait_for_function(NOT_RUNNING, timeout=60_000)
    page.evaluate(RUN_ALL)
    page.wait_for_function(NOT_RUNNING, timeout=120_000)


def outside(address: str, requests: list[str]) -> list[str]:
    """Requests to any other host than the server."""
    return [url for url in requests if not re.match(rf"{address}|data:|blob:|about:", url)]


def data(figure) -> dict:
    """What a figure says of itself: state, result, focus and how often it has drawn."""
    return read(figure.evaluate(SAID))


def read(said: dict[str, str]) -> dict:
    """The same from the texts of its data attributes."""
    values = {key: json.loads(said[key] or "null") for key in ("state", "result", "focus")}
    return values | {"draws": int(said["draws"])}
