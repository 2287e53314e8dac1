"""What mdBook 0.5.4 hands in, stored as it came, and what it gets back."""

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from copy import deepcopy
from pathlib import Path

import pytest

import needs
from attnlab.book import preprocessor, protocol, renderer
from attnlab.book.contents import chapter_number, is_notebook
from attnlab.book.front_end import MODELS, scripts, weights
from attnlab.book.preprocessor import chapters_of, preprocessed
from attnlab.book.protocol import check_version, handed_in
from attnlab.book.renderer import render
from attnlab.book.stored import STATE
from attnlab.book.trouble import BookError

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[2]


def handed(kind: str, root: Path) -> list | dict:
    """What mdBook handed to the preprocessor or to the renderer, as if its book lay at `root`."""
    text = (DATA / f"{kind}_0.5.4.json").read_text(encoding="utf-8")
    return json.loads(text.replace('"/course', json.dumps(str(root))[:-1]))


@pytest.fixture
def course(tmp_path):
    """A folder with the files that the stored book names, and the packages of the real one."""
    needs.front_end(ROOT)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    _, book = handed("preprocessor", tmp_path)
    for item in chapters_of(book["items"]):
        if is_notebook(item["path"]):
            (folder / item["path"]).write_text(item["content"], encoding="utf-8")
    return tmp_path


@pytest.fixture
def bare(monkeypatch):
    """Without the pages that are made from the sources of the whole course."""
    monkeypatch.setattr(preprocessor, "with_pages", lambda items, _: items)
    monkeypatch.setattr(preprocessor, "end_of_chapter", lambda *_: "")


@pytest.mark.usefixtures("bare")
def test_notebooks_become_chapters_and_all_else_stays(course):
    context, book = handed("preprocessor", course)
    given = deepcopy(book)
    items = preprocessed(context, book)["items"]
    before, after = list(chapters_of(given["items"])), list(chapters_of(items))
    for old, new in zip(before, after, strict=True):
        assert {**old, "content": "", "sub_items": []} == {**new, "content": "", "sub_items": []}
        if not is_notebook(old["path"]):
            assert old["content"] == new["content"]
    assert [item for item in items if "Chapter" not in item] == [{"PartTitle": "Part"}, "Separator"]
    start, one = after[0]["content"], after[1]["content"]
    assert "[chapter 1](01_one.html)" in start
    assert "größer als 1" in start
    assert 'data-chapter="00"' in start
    assert "{{#include secret.txt}}" in one


@pytest.mark.usefixtures("bare")
def test_the_style_of_formulas_comes_with_the_pages_that_have_some(course):
    items = preprocessed(*handed("preprocessor", course))["items"]
    start, one, *_ = [item["content"] for item in chapters_of(items)]
    assert start.startswith('<link rel="stylesheet" href="live/katex.css">\n\n<div')
    assert 'class="katex"' in start
    assert "katex" not in one
    assert "$5 or $6" in one


@pytest.mark.usefixtures("bare")
def test_a_refused_formula_names_its_cell(course):
    context, book = handed("preprocessor", course)
    start = next(chapters_of(book["items"]))
    start["content"] = start["content"].replace("w_{ij}", "w_{ij")
    with pytest.raises(BookError, match=r"^notebooks/00_start.ipynb, cell title: KaTeX refuses"):
        preprocessed(context, book)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("00_again.ipynb", "notebooks/00_again.ipynb: there is a chapter 00 already. Number it"),
        ("more/01_one.ipynb", "notebooks/more/01_one.ipynb: chapters lie side by side. Move it"),
    ],
)
def test_chapters_lie_side_by_side_each_with_its_number(course, path, words):
    context, book = handed("preprocessor", course)
    list(chapters_of(book["items"]))[1]["path"] = path
    with pytest.raises(BookError) as caught:
        preprocessed(context, book)
    assert str(caught.value).startswith(words)


@pytest.fixture
def called(monkeypatch, capsys):
    """A function from the name of a module and what is handed in to (code, output, words)."""

    def call(module, given: str):
        source = type("", (), {"buffer": io.BytesIO(given.encode())})
        monkeypatch.setattr(protocol.sys, "stdin", source)
        code = preprocessor.main([]) if module == "preprocessor" else renderer.main([])
        return code, *capsys.readouterr()

    return call


def test_html_is_supported_and_nothing_else():
    codes = [preprocessor.main(["supports", name]) for name in ("html", "epub", "live")]
    assert codes == [0, 1, 1]


@pytest.mark.parametrize("module", ["preprocessor", "renderer"])
def test_words_instead_of_json(module, called):
    code, output, words = called(module, "chapter one")
    assert (code, output) == (1, "")
    assert words.startswith("attnlab: mdBook hands in JSON here, which this is not (")
    assert words.endswith("For the book: attnlab book\n")


@pytest.mark.parametrize(
    ("module", "key"), [("preprocessor", "mdbook_version"), ("renderer", "version")]
)
@pytest.mark.parametrize("version", ["0.4.52", "0.6.0", "1.0.0", ""])
def test_another_mdbook_is_refused(module, key, version, called, tmp_path):
    data = handed(module, tmp_path)
    (data[0] if isinstance(data, list) else data)[key] = version
    code, output, words = called(module, json.dumps(data))
    assert (code, output) == (1, "")
    assert f"for mdBook 0.5, and this is {version or 'an older one'}. Get 0.5" in words


def test_this_mdbook_is_taken():
    check_version("0.5.0")
    check_version("0.5.4")
    with pytest.raises(ValueError, match=r"this is 0\.50"):
        check_version("0.50")


def test_what_is_handed_in_is_utf8():
    assert handed_in(io.BytesIO('["größer"]'.encode())) == ["größer"]


def test_the_preprocessor_says_what_stops_it_and_hands_on_nothing(course, called):
    context, book = handed("preprocessor", course)
    start = next(chapters_of(book["items"]))
    start["content"] = start["content"].replace('"execution_count": 2', '"execution_count": null')
    assert called("preprocessor", json.dumps([context, book])) == (
        1,
        "",
        "attnlab: notebooks/00_start.ipynb, cell bigger: this cell was not executed. "
        "Run attnlab run notebooks/00_start.ipynb.\n",
    )


def test_mdbook_calls_it_as_book_toml_says_whatever_the_encoding(tmp_path):
    """On a machine whose own encoding is not UTF-8, as on Windows."""
    book = tomllib.loads((ROOT / "book.toml").read_text(encoding="utf-8"))
    commands = [book["preprocessor"]["attnlab"]["command"], book["output"]["live"]["command"]]
    context, pages = handed("preprocessor", tmp_path)
    list(chapters_of(pages["items"]))[1]["content"] = "größer"
    given = [json.dumps([context, pages], ensure_ascii=False), "{}"]
    said = []
    for command, text in zip(commands, given, strict=True):
        python, *arguments = command.split()
        assert python == "python"
        result = subprocess.run(
            [sys.executable, *arguments],
            input=text.encode(),
            capture_output=True,
            env=os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
            check=False,
        )
        assert (result.returncode, result.stdout) == (1, b"")
        said.append(result.stderr.decode("ascii"))
    assert said[0].startswith("attnlab: notebooks/01_one.ipynb: this is not JSON (")
    assert said[1].startswith("attnlab: the book is laid out for mdBook 0.5, and this is an older")


def test_what_mdbook_calls_starts_at_once():
    program = (
        "import sys; from attnlab.book.__main__ import main;"
        "main(['preprocessor', 'supports', '']);"
        "print([m for m in ('torch', 'nbconvert', 'lark', 'ipywidgets') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_numbers_of_chapters():
    assert chapter_number("05_many_heads.ipynb") == "05"
    assert chapter_number("more/12_before_transformers.ipynb") == "12"


@pytest.fixture
def pages(course, monkeypatch):
    """The folder in which mdBook's own renderer has put its pages."""
    monkeypatch.setattr(renderer, "gallery_states", lambda _: {"00-first": {}})
    folder = course / "book" / "html"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("")
    (folder / ".ipynb_checkpoints").mkdir()
    return folder


def test_the_renderer_puts_beside_the_pages_what_moves_their_figures(course, pages):
    assert render(handed("renderer", course)) == pages
    live = {path.name for path in (pages / "live").iterdir()}
    wanted = {"live.js", "book.css", "require.js", "embed-amd.js", "anywidget.js", "katex.css"}
    assert wanted <= live
    assert {"00.js", "00-the-figure-0.png"} <= live, "the state, and the still picture"
    assert "00-first.js" in live, "what moves the figures of the page of them all"
    assert "01.js" not in live, "a chapter without figures has no state"
    assert not (pages / ".ipynb_checkpoints").exists()
    fonts = set(re.findall(r"fonts/[\w-]+\.woff2", (pages / "live/katex.css").read_text()))
    assert fonts
    assert all((pages / "live" / font).is_file() for font in fonts)


def test_the_state_is_a_script_that_no_page_can_end(course, pages):
    render(handed("renderer", course))
    files = [*(pages / "live").glob("code-*.js"), pages / "live" / "00.js"]
    made = [file.read_text(encoding="utf-8") for file in files]
    assert not any("</script" in script for script in made)
    stored = json.loads(handed("renderer", course)["book"]["items"][0]["Chapter"]["content"])
    assert state_in_browser("".join(made))["00"] == stored["metadata"]["widgets"][STATE]["state"]
    picture = stored["cells"][1]["outputs"][0]["data"]["image/png"]
    assert (pages / "live/00-the-figure-0.png").read_bytes() == base64.b64decode(picture)


def test_the_code_of_figures_of_one_kind_is_one_file_for_all_chapters():
    own = {"_esm": "draw()", "_css": "b {}"}
    state = {
        "a": {"model_name": "AnyModel", "state": {**own, "focus": [1, 2]}},
        "b": {"model_name": "AnyModel", "state": {**own, "focus": []}},
        "c": {"model_name": "AnyModel", "state": {**own, "_css": ""}},
        "d": {"model_name": "LayoutModel", "state": {}},
    }
    made, others = scripts(state, "05"), scripts({"a": state["a"]}, "06")
    assert made.keys() & others.keys() == made.keys() - {"05.js"}
    everything = "".join(made.values())
    assert everything.count("draw()") == everything.count("b {}") == 1
    assert state_in_browser(everything)["05"] == state
    assert state["a"]["state"]["_esm"] == "draw()", "what is handed in stays as it is"


def test_weights_come_only_where_a_figure_needs_them():
    file = sorted(MODELS.glob("*.safetensors"))[0]
    name = hashlib.sha256(file.read_bytes()).hexdigest()[:16]

    def figure(weights, tensors=None):
        return {"state": {"model": {"weights": weights}, "tensors": tensors}}

    other = {"b": {"state": {"weights": {"shape": [1]}}}, "c": {"state": {"model": "gpt"}}}
    assert weights(other) == {}
    assert weights({**other, "a": figure("0123", {"shape": [9]})}) == {}, "it holds them itself"
    made = weights({**other, "a": figure(name), "d": figure(name)})
    assert list(made) == [f"weights-{name}.js"]
    script = made[f"weights-{name}.js"]
    assert "</" not in script
    base64_text = script.partition(f'["{name}"] = "')[2].removesuffix('";\n')
    assert base64.b64decode(base64_text, validate=True) == file.read_bytes()
    with pytest.raises(ValueError, match="a figure names the weights 0123, which do not come with"):
        weights({"a": figure("0123")})


COMPLEMENT = """
for (const {state} of Object.values(attnlabStates).flatMap(Object.values))
  for (const trait of ["_esm", "_css"])
    if (state[trait]) state[trait] = attnlabCode[state[trait]];
console.log(JSON.stringify(attnlabStates));
"""


def state_in_browser(script: str) -> dict:
    """What the scripts set, by chapter, once live.js has put the code in its place."""
    program = f"globalThis.window = globalThis; {script} {COMPLEMENT}"
    command = [needs.node(), "--input-type=commonjs", "-"]
    result = subprocess.run(command, input=program, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def test_the_renderer_says_what_is_missing(course, pages, monkeypatch):
    (pages / "index.html").unlink()
    with pytest.raises(FileNotFoundError, match=r"no pages in book/html: book.toml needs \[output"):
        render(handed("renderer", course))
    (pages / "index.html").write_text("")
    (course / "node_modules").unlink()
    with pytest.raises(FileNotFoundError, match="is missing: make book installs it"):
        render(handed("renderer", course))
    monkeypatch.setattr(renderer, "handed_in", lambda: handed("renderer", course))
    assert renderer.main([]) == 1
