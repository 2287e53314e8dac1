"""A class of thirty tried on this machine: python tests/classroom.py [students]

Starts the JupyterHub of classroom/ as it is, but for who may come in, lets students in a few at a
time, opens a chapter for one of them in Chromium by a link of nbgitpuller, and runs five chapters
at once. What was measured goes to attnlab/book/classroom.json, which the page for teachers shows.
Nothing but this machine is asked, and everything is gone afterwards.
"""

import asyncio
import json
import os
import platform
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

import needs
from attnlab.book.elsewhere import hub_link

ROOT = Path(__file__).parents[1]
FILE = ROOT / "attnlab" / "book" / "classroom.json"
STUDENTS, AT_ONCE = 30, 3
CHAPTERS = ("01", "03", "06", "08", "09")
MORE = "_ = bytearray(3 * 2**30)"  # than classroom/jupyterhub_config.py allows


@dataclass
class Hub:
    """A running JupyterHub.

    Args:
        address: without a slash at its end.
        token: of a service that may do everything.
        process: the hub's own.
        folder: in which the homes of students lie.
    """

    address: str
    token: str
    process: subprocess.Popen
    folder: Path
    seconds: dict = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", body: dict | None = None):
        """What the hub, or a student's server, answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{self.address}{path}", data=data, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith(("{", "[")) else text


def free_port() -> int:
    """The first of three ports in a row that nobody uses."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        with suppress(OSError), socket.socket() as second, socket.socket() as third:
            second.bind(("127.0.0.1", port + 1))
            third.bind(("127.0.0.1", port + 2))
            return port


def course_repository(folder: Path) -> str:
    """A repository of the course as it is here, for students to fetch."""
    place = folder / "course"
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    who = ["-c", "user.name=trial", "-c", "user.email=trial@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "course"]):
        subprocess.run(["git", "-C", str(place), *words], check=True)
    return place.as_uri()


@contextmanager
def hub_in(folder: Path):
    """Start the hub, and end it with all that it has started."""
    port, token = free_port(), secrets.token_hex(16)
    environment = os.environ | {
        "ATTNLAB_TRIAL": str(folder),
        "ATTNLAB_TRIAL_PORT": str(port),
        "ATTNLAB_TRIAL_TOKEN": token,
        "ATTNLAB_REPOSITORY": course_repository(folder),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).strip(":"),
    }
    command = [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "classroom/trial_config.py")]
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        hub = Hub(f"http://127.0.0.1:{port}", token, process, folder)
        try:
            hub.seconds["hub"] = wait_for(lambda: hub.ask("/hub/api/"), process, folder / "hub.log")
            yield hub
        finally:
            with suppress(OSError):
                hub.ask("/hub/api/shutdown", "POST", {"servers": True, "proxy": True})
            end(process)


def end(process: subprocess.Popen) -> None:
    """Wait for the hub, and end what it has left of its own."""
    left = family(process.pid)
    with suppress(subprocess.TimeoutExpired):
        process.wait(60)
    for number in left:
        with suppress(OSError):
            os.kill(number, 15)
    process.wait(20)


def wait_for(done, process: subprocess.Popen, log: Path, most: float = 900) -> float:
    """The seconds until something can be done without an error of the network."""
    start = time.perf_counter()
    while time.perf_counter() - start < most and process.poll() is None:
        with suppress(OSError):
            if done():
                return time.perf_counter() - start
        time.sleep(0.5)
    raise RuntimeError(f"the hub did not answer:\n{log.read_text()[-4000:]}")


def let_in(hub: Hub, name: str) -> float:
    """Start a student's server; gives the seconds that it took."""
    start = time.perf_counter()
    hub.ask(f"/hub/api/users/{name}", "POST")
    hub.ask(f"/hub/api/users/{name}/server", "POST", {})
    log = hub.folder / "hub.log"

    def there():
        return hub.ask(f"/hub/api/users/{name}")["servers"].get("", {}).get("ready")

    wait_for(there, hub.process, log)
    return time.perf_counter() - start


def family(number: int) -> list[int]:
    """A process and all that it has started, by their numbers."""
    found = [number]
    for task in Path(f"/proc/{number}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                found += family(int(child))
    return found


def memory(numbers: list[int]) -> float:
    """Megabytes that processes hold, each shared page divided among those that share it."""
    kilobytes = 0
    for number in numbers:
        with suppress(OSError):
            for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
    return kilobytes / 1024


def servers(hub: Hub) -> dict[str, list[int]]:
    """Of each student the processes of their server."""
    found = {}
    for number in family(hub.process.pid):
        with suppress(OSError):
            words = Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
            user = next((w for w in words if w.startswith(b"JUPYTERHUB_USER=")), None)
            if user:
                found.setdefault(user.decode().partition("=")[2], []).append(number)
    return found


def first_figure(hub: Hub, name: str) -> dict[str, float]:
    """The seconds from a click on a link to a figure that has drawn; cells are not run."""
    link = hub_link(hub.address, f"file://{hub.folder}/course", "notebooks/00_start_here.ipynb")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**needs.chromium(playwright))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{hub.address}/hub/login")
        page.fill("#username_input", name)
        page.fill("#password_input", "any")
        start = time.perf_counter()
        page.click("#login_submit")
        page.wait_for_selector(".attn-live [data-draws]", timeout=600_000)
        found = {"from login": time.perf_counter() - start}
        start = time.perf_counter()
        page.goto(link)
        page.wait_for_url("**/lab/**", timeout=600_000)
        page.wait_for_selector(".attn-live [data-draws]", timeout=600_000)
        found["from link"] = time.perf_counter() - start
        browser.close()
    return found


async def run_chapter(hub: Hub, name: str, path: Path) -> dict:
    """Run all code cells of a chapter in a kernel of a student."""
    model = hub.ask(f"/user/{name}/api/kernels", "POST", {"path": "attnlab/notebooks"})
    address = hub.address.replace("http", "ws", 1)
    way = f"{address}/user/{name}/api/kernels/{model['id']}/channels"
    request = HTTPRequest(way, headers={"Authorization": f"token {hub.token}"})
    socket_ = await websocket_connect(request, max_message_size=2**28)
    start = time.perf_counter()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            error = await execute(socket_, cell.source)
            if error and "raises-exception" not in cell.metadata.get("tags", []):
                raise RuntimeError(f"{path.name}, cell {cell.id}: {error}")
    found = {"chapter": path.stem, "seconds": time.perf_counter() - start}
    found["megabytes"] = memory(kernels(hub)[model["id"]])
    found["more"] = await execute(socket_, MORE)
    socket_.close()
    return found


async def execute(socket_, code: str) -> str | None:
    """Run a cell to its end; gives the name of the error that it raised, if it did."""
    number = secrets.token_hex(8)
    header = {"msg_id": number, "msg_type": "execute_request", "session": "trial", "version": "5.3"}
    header |= {"username": "trial", "date": "2000-01-01T00:00:00Z"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
    content |= {"allow_stdin": False, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket_.write_message(json.dumps({**message, "channel": "shell", "buffers": []}))
    while True:
        said = await socket_.read_message()
        if said is None:
            raise RuntimeError("the kernel is gone")
        if isinstance(said, bytes):
            continue
        answer = json.loads(said)
        mine = answer["parent_header"].get("msg_id") == number
        if mine and answer["msg_type"] == "execute_reply":
            return answer["content"].get("ename")


def kernels(hub: Hub) -> dict[str, list[int]]:
    """Of each kernel its processes."""
    found = {}
    for number in family(hub.process.pid):
        with suppress(OSError):
            words = Path(f"/proc/{number}/cmdline").read_bytes().decode().split("\0")
            file = next((word for word in words if "kernel-" in word and ".json" in word), None)
            if file:
                found[Path(file).stem.removeprefix("kernel-")] = family(number)
    return found


async def five_at_once(hub: Hub, names: list[str]) -> list[dict]:
    """A chapter each for five students, all at the same time."""
    paths = [next((ROOT / "notebooks").glob(f"{number}_*.ipynb")) for number in CHAPTERS]
    waiting = [run_chapter(hub, name, path) for name, path in zip(names, paths, strict=False)]
    return await asyncio.gather(*waiting)


def tried(students: int) -> dict:
    """All that is measured."""
    names = [f"student-{number:02}" for number in range(1, students + 1)]
    with tempfile.TemporaryDirectory(prefix="classroom-") as place, hub_in(Path(place)) as hub:
        figure = first_figure(hub, names[0])
        with ThreadPoolExecutor(AT_ONCE) as pool:
            start = time.perf_counter()
            each = sorted(pool.map(lambda name: let_in(hub, name), names[1:]))
            all_in = time.perf_counter() - start
        by_name = servers(hub)
        idle = sorted(memory(by_name[name]) for name in names[1:])
        whole = memory(family(hub.process.pid))
        ran = asyncio.run(five_at_once(hub, names[-5:]))
        working = memory(family(hub.process.pid))
        first = ROOT / "notebooks" / f"{ran[0]['chapter']}.ipynb"
        alone = asyncio.run(run_chapter(hub, names[0], first))
    refused = {row.pop("more") for row in ran}
    return {
        "date": date.today().isoformat(),
        "machine": machine(),
        "students": students,
        "seconds": {
            "hub": hub.seconds["hub"],
            "first login": figure["from login"],
            "link": figure["from link"],
            "server": each[len(each) // 2],
            "all servers": all_in,
        },
        "megabytes": {
            "a student": idle[len(idle) // 2],
            "all, no kernels": whole,
            "all, five kernels": working,
        },
        "five at once": ran,
        "more memory than allowed": refused.pop() if len(refused) == 1 else None,
        "alone": alone["seconds"],
    }


def machine() -> str:
    """Processor, cores and memory in a few words."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "")
    memory_ = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {memory_:.0f} GiB"


def rounded(found):
    """The same with numbers of three digits at most."""
    if isinstance(found, dict):
        return {name: rounded(part) for name, part in found.items()}
    if isinstance(found, list):
        return [rounded(part) for part in found]
    return float(f"{found:.3g}") if isinstance(found, float) else found


if __name__ == "__main__":
    result = rounded(tried(int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS))
    text = json.dumps(result, indent=1) + "\n"
    print(text)
    if result["students"] >= STUDENTS:
        FILE.write_text(text, encoding="utf-8")
