"""The book as it is published: built once, served as any server would, read in the browser."""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import nbformat
from playwright.sync_api import Locator, expect

import needs
from attnlab.book.build import run_mdbook
from attnlab.book.folding import is_folded
from attnlab.book.stored import VIEW
from attnlab.lab import Bet, Quiz
from attnlab.lab.widgets.bet import LEVELS
from pages import DRAWN, Figure, Opened, Stored, data, listen, stored_bets, stored_quizzes

ROOT = Path(__file__).parents[1]
FRAMES = "() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))"
DESK = {"width": 1280, "height": 900}
AT_REST = """async () => {
  await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  await Promise.allSettled(document.getAnimations().map(({finished}) => finished));
}"""
PHONE = {"width": 360, "height": 740}
OVER = """width => {
  const scrolls = (e) => e && !e.matches(".widget-box")
    && /auto|scroll/.test(getComputedStyle(e).overflowX) && e.matches("main *");
  const inside = (e) => e && (scrolls(e) || inside(e.parentElement));
  const over = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility()
    && e.getBoundingClientRect().right > width + 1 && !inside(e.parentElement)
    && !e.closest("#mdbook-sidebar, svg *"));
  const most = document.scrollingElement.scrollWidth;
  return [...(most > width ? [`the page is ${most} pixels wide`] : []),
    ...over.map((e) => e.outerHTML.slice(0, 160))];
}"""
PLACE = """async e => {
  const top = () => e.getBoundingClientRect().top / innerHeight;
  for (let before = NaN; before !== top();) {
    before = top();
    await new Promise((next) => setTimeout(next, 100));
  }
  return top();
}"""
WEIGHTS = re.compile(r"/weights-(\w+)\.js$")
BOOK = "the.book"  # stands for wherever the book is published
AXE = """async scope => {
  const found = await axe.run(scope, {resultTypes: ["violations"], preload: false});
  return found.violations.map(({id, impact, nodes}) =>
    [id, impact, nodes.map(({html, any}) => `${html.slice(0, 200)} ${any[0]?.message ?? ""}`)]);
}"""


def build(destination: Path) -> Path:
    """Build the whole book there, each warning an error; gives the folder of its pages."""
    mdbook = needs.mdbook()
    needs.front_end(ROOT)
    run_mdbook([mdbook, "build", "--dest-dir", str(destination), str(ROOT)])
    return destination / "html"


@cache
def quizzes_of(name: str) -> dict[str, Quiz]:
    """Those that are stored in a chapter, by the ids of their models."""
    return stored_quizzes(json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8")))


@cache
def bets_of(name: str) -> dict[str, Bet]:
    """Those that are stored in a chapter, by the ids of their models."""
    return stored_bets(json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8")))


@cache
def folded_figures(name: str) -> list[str]:
    """The cells of a chapter whose live figures are stored folded."""
    book = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [
        cell.id
        for cell in book.cells
        if is_folded(cell)
        and any({VIEW, "image/png"} <= set(o.get("data", {})) for o in cell.outputs)
    ]


def place_bet(place: Locator, offered: Bet) -> None:
    """Place each bet that can be placed on a page, the last one for good."""
    place.scroll_into_view_if_needed()
    place.get_by_role("button").click()
    expect(place).to_contain_text("Say true, false or depends.")
    assert offered.statement in place.inner_text()
    for given, sure in product(offered.answers, LEVELS):
        place.get_by_role("radio", name=given, exact=True).check(force=True)
        place.get_by_role("radio", name=f"{sure} %", exact=True).check(force=True)
        place.get_by_role("button").click()
        offered.given, offered.sure = given, sure
        expect(place.get_by_role("status")).to_have_text(f"Your bet: {given}, {sure} % sure.")


def answer_all(place: Locator, asked: Quiz) -> None:
    """Give every answer of a quiz on a page, and read what it says to each."""
    place.scroll_into_view_if_needed()
    status = place.get_by_role("status")
    expect(status).to_have_text("")
    place.get_by_role("button").click()
    expect(place).to_contain_text("Choose one first.")
    for answer, _ in asked.answers:
        place.get_by_role("radio", name=answer, exact=True).check()
        place.get_by_role("button").click()
        asked.given = answer
        expect(status).to_have_text(asked.verdict)
    assert place.get_by_role("group").inner_text().startswith(asked.question)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the files of a folder to this machine; gives the address, with a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        """Say nothing."""


@dataclass
class OnPage(Figure):
    """A figure on a page of the book, which links can set."""

    @property
    def cell(self) -> str:
        """The id of the notebook's cell that shows it."""
        return self.box.evaluate("e => e.closest('.attn-view').dataset.cell")

    def stands(self, asked: str) -> None:
        """It is set as a link asks, `temperature=0.2&focus=2,1`, and its numbers are the core's."""
        wanted = dict(parse_qsl(asked, strict_parsing=True))
        if focus := wanted.pop("focus", None):
            self.wait_for("focus", [int(number) for number in focus.split(",")])
        for name in wanted.pop("unfolded", "").split(","):
            open_box = f"[data-box='{name}'] > .attn-part-head[aria-expanded=true]"
            expect(self.root.locator(open_box)).to_have_count(1 if name else 0)
        traits = self.stored.traits
        state = {name: _like(traits[name], text) for name, text in wanted.items()}
        self.check(self.wait_for("state", data(self.root)["state"] | state))


def stops_of(box: Locator) -> list[Locator]:
    """All that takes keys in a figure or a quiz."""
    kinds = ".noUi-handle, input, select, button, summary, .attn-drawing, [tabindex]"
    return [stop for stop in box.locator(kinds).all() if stop.is_visible()]


def place_in_window(box: Locator) -> float:
    """How far down its top is when the page has come to rest: 0 at the top, 1 at the end."""
    return box.evaluate(PLACE)


def _like(value, text: str):
    """What a link's text means for a trait that holds values of this kind."""
    if isinstance(value, bool):
        return {"true": True, "false": False}[text]
    if isinstance(value, list):
        return text.split(",")
    return text if isinstance(value, str) else float(text)


@dataclass
class Reading(Opened):
    """A page of the book open in the browser."""

    def unfold(self) -> None:
        """Open what answers a prediction."""
        for answer in self.page.locator("details.attn-predicted").all():
            if answer.get_attribute("open") is None:
                answer.locator("summary").first.click()

    @cached_property
    def figures(self) -> list[OnPage]:
        """Those of the page, each brought into the window, where it starts to move."""
        self.unfold()
        places = self.page.locator(".attn-view")
        for place in places.all():
            place.scroll_into_view_if_needed()
            expect(place.locator(DRAWN).first).to_be_visible(timeout=20_000)
        boxes = self.page.locator(".attn-live")
        expect(boxes).to_have_count(len(self.stored))
        return [OnPage(boxes.nth(i), stored) for i, stored in enumerate(self.stored)]

    def switch(self, theme: str) -> None:
        """Choose a theme as a reader does, and let the page be drawn in it."""
        self.page.evaluate("window.scrollTo(0, 0)")
        choice = self.page.locator(f"#mdbook-theme-{theme}")
        if not choice.is_visible():
            self.page.locator("#mdbook-theme-toggle").click()
        choice.click()
        choice.press("Escape")
        expect(self.page.locator("html")).to_have_class(re.compile(rf"\b{theme}\b"))
        self.page.evaluate(FRAMES)

    def on_a_phone(self) -> list[str]:
        """What stands out of a window of 360 pixels: there, the list of chapters is closed."""
        window = self.page.viewport_size
        if self.page.locator("html.sidebar-visible").count():
            self.page.locator("#mdbook-sidebar-toggle").click()
            self.page.evaluate(AT_REST)
        self.page.set_viewport_size(PHONE)
        self.page.evaluate(AT_REST)
        over = self.page.evaluate(OVER, PHONE["width"])
        over += [
            figure.stored.figure.__class__.__name__ for figure in self.figures if figure.spill() > 1
        ]
        self.page.set_viewport_size(window)
        return over

    def violations(self, scope: str = "html") -> list[str]:
        """What axe-core finds serious or critical, one line each."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate((ROOT / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
        found = self.page.evaluate(AXE, scope)
        grave = [each for each in found if each[1] in ("serious", "critical")]
        return [f"{name}: {len(nodes)} times, {'; '.join(nodes[:3])}" for name, _, nodes in grave]

    def is_searching(self) -> bool:
        return self.page.locator("#mdbook-searchbar").is_visible()


@contextmanager
def reading(browser, address: str, stored: Sequence[Stored] = (), window=DESK, **context):
    """A page of the book, or a deck, and the figures that it should show."""
    page = browser.new_page(viewport=window, **context)
    page.set_default_timeout(15_000)
    view = Reading(page, address.rpartition("/")[0], list(stored))
    listen(view)
    page.on("requestfailed", lambda request: _note_failure(view, request))
    page.on(
        "console", lambda said: said.type == "warning" and view.complaints.append(said.text[:400])
    )
    try:
        page.goto(address)
        yield view
    finally:
        page.close()


def _note_failure(view: Reading, request) -> None:
    """Whatever could not be had; what is under way as a page is left is merely let go."""
    if request.failure != "net::ERR_ABORTED":
        view.complaints.append(f"{request.url}: {request.failure}")


@dataclass
class Html(HTMLParser):
    """What a page names: its own places, what it links to, and what it loads by itself."""

    text: str
    places: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    base: str = ""

    def __post_init__(self):
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if "id" in said:
            self.places.append(said["id"])
        if tag == "base":
            self.base = said["href"]
        elif tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif (name := said.get("src") or said.get("href")) and tag != "a":
            self.loads.append(name)


@dataclass
class Pages:
    """The files of a built book."""

    folder: Path

    @cached_property
    def html(self) -> dict[str, Html]:
        """All pages, by the name of their file."""
        files = sorted(self.folder.rglob("*.html"))
        names = [path.relative_to(self.folder).as_posix() for path in files]
        texts = [path.read_text(encoding="utf-8") for path in files]
        return {name: Html(text) for name, text in zip(names, texts, strict=True)}

    def dead(self, name: str) -> list[str]:
        """Links of this page that lead to no file, or to a place that the page has not."""
        page, found = self.html[name], []
        for link in [*page.links, *page.loads]:
            there = urlsplit(urljoin(f"http://{BOOK}/{page.base or name}", link))
            if there.netloc != BOOK:
                continue
            path = unquote(there.path).lstrip("/") or "index.html"
            place = unquote(there.fragment).partition("?")[0]
            if not (self.folder / path).is_file() or not self._has(path, place):
                found.append(link)
        return found

    def outside(self, name: str) -> list[str]:
        """What this page would load from elsewhere; links to follow are no such thing."""
        return [link for link in self.html[name].loads if re.match(r"(?i)[a-z]+:|//", link)
                and not link.startswith("data:")]  # fmt: skip

    def weight(self, address: str, requests: list[str]) -> int:
        """Bytes of what was asked for besides the weights of models, as servers send it:
        compressed."""
        asked = {url.partition("?")[0].partition("#")[0] for url in requests}
        ours = [url for url in asked if url.startswith(address) and not WEIGHTS.search(url)]
        return sum(self.compressed(url) for url in ours)

    def compressed(self, url: str) -> int:
        """Bytes of what is at this address, as servers send it."""
        file = self.folder / (unquote(urlsplit(url).path).lstrip("/") or "index.html")
        return len(gzip.compress(file.read_bytes(), 6))

    def _has(self, path: str, place: str) -> bool:
        return not place or path not in self.html or place in self.html[path].places
