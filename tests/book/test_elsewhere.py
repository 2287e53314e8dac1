"""Where else chapters open: links from one setting, and what is said to be seen there."""

import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

import nbformat
import pytest

from attnlab.book import elsewhere
from attnlab.book.elsewhere import BRANCH, binder, colab, elsewhere_page, hub_link, read_hosts
from attnlab.book.hub_links import hub_links
from attnlab.book.outputs import speaks
from attnlab.book.stored import VIEW
from attnlab.book.trouble import BookError
from attnlab.cli import main
from courses import REPOSITORY, ROOT, addresses, lost, real, small

FILE = "notebooks/05_many_heads.ipynb"
SERVER = ROOT / "classroom" / "student_server.py"


def test_the_addresses_of_a_repository_on_github():
    for repository in [REPOSITORY, f"{REPOSITORY}/", f"{REPOSITORY}.git"]:
        assert binder(repository, FILE) == (
            "https://mybinder.org/v2/gh/someone/lessons/main?labpath=notebooks%2F05_many_heads.ipynb"
        )
        assert colab(repository, FILE) == (
            "https://colab.research.google.com/github/someone/lessons/blob/main/"
            "notebooks/05_many_heads.ipynb"
        )


def test_binder_opens_other_repositories_and_colab_does_not():
    assert binder("https://gitlab.com/a/b/c", FILE).startswith(
        "https://mybinder.org/v2/gl/a%2Fb%2Fc/main?labpath="
    )
    assert binder("https://example.org/a/b", FILE).startswith(
        "https://mybinder.org/v2/git/https%3A%2F%2Fexample.org%2Fa%2Fb/main?labpath="
    )
    assert colab("https://gitlab.com/a/b", FILE) is None


@pytest.mark.parametrize(
    "repository", ["", "github.com/a/b", "https://github.com/a", "http://a/b/c"]
)
def test_what_is_no_address_stops_the_book(repository):
    words = r"book.toml, output.html.git-repository-url: .* is no address of a repository. Write it"
    with pytest.raises(BookError, match=words):
        binder(repository, FILE)
    with pytest.raises(BookError, match=words):
        colab(repository, FILE)


def test_the_page_says_what_must_be_run_first_on_colab(tmp_path):
    page = elsewhere_page(small(tmp_path))
    assert f"```text\n%pip install git+{REPOSITORY}\n```" in page
    for host in (
        "mybinder.org/v2",
        "colab.research",
        "nbviewer.org/github",
        "/blob/main/notebooks",
    ):
        assert len({way for way in addresses(page) if host in way}) >= 2, host


def test_without_colab_no_link_leads_there(tmp_path):
    page = elsewhere_page(small(tmp_path, repository="https://example.org/a/b"))
    assert "colab.research" not in page
    assert "https://nbviewer.org/urls/example.org/a/b/raw/main/notebooks/01_one.ipynb" in page
    assert ">repository</a>" in page
    assert page.count("mybinder.org/v2") == 2


def test_each_host_is_said_to_be_seen_or_documented_and_by_whom(tmp_path):
    page = elsewhere_page(small(tmp_path))
    hosts = read_hosts()
    assert {host["name"] for host in hosts} > {"Notebook 7", "VS Code", "Colab", "Kaggle", "GitHub"}
    for host in hosts:
        row = f"<td>{host['figures']}</td><td>{host['code']}</td><td>{host['known']}</td></tr>"
        assert f'<th scope="row">{host["name"]}</th>{row}' in page
        if host["known"] == "documented":
            assert host["source"][1].startswith("https://")
            assert f"]({host['source'][1]})" in page


@pytest.mark.parametrize(
    ("old", "new"),
    [('known = "documented"', 'known = "heard"'), ("source = [", "sauce = ["), ("code =", "cod =")],
)
def test_a_host_that_is_not_told_of_as_the_others_stops_the_book(tmp_path, monkeypatch, old, new):
    text = elsewhere.HOSTS.read_text(encoding="utf-8")
    (tmp_path / "hosts.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(elsewhere, "HOSTS", tmp_path / "hosts.toml")
    with pytest.raises(BookError, match=r"hosts.toml: .* is not told of as the others. Say code"):
        read_hosts()


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_where_no_script_runs_a_still_picture_or_words_stand_for_every_output(path):
    book = nbformat.read(path, as_version=4)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    for data in (output.data for output in outputs if "data" in output):
        assert "application/javascript" not in data
        assert "<script" not in "".join(data.get("text/html", ""))
        if VIEW in data:
            assert ("image/png" in data) or (speaks(data) and data["text/html"]), data
    widgets = book.metadata.get("widgets", {})
    assert all("state" in each for each in widgets.values()), "or GitHub calls it invalid"
    assert path.stat().st_size < 4_000_000, "larger ones GitHub does not show"


def test_a_hub_fetches_the_course_and_opens_a_chapter():
    address = urlsplit(hub_link("https://hub.school.org/", REPOSITORY, FILE))
    assert f"{address.scheme}://{address.netloc}" == "https://hub.school.org"
    assert address.path == "/hub/user-redirect/git-pull"
    asked = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert asked == {
        "repo": REPOSITORY,
        "targetpath": "attnlab",
        "branch": BRANCH,
        "urlpath": f"lab/tree/attnlab/{FILE}",
    }
    assert f'COURSE = "{asked["targetpath"]}"' in SERVER.read_text(), "where it is fetched at first"
    assert f'BRANCH = "{BRANCH}"' in SERVER.read_text()
    for wrong in ("hub.school.org", "ftp://hub", ""):
        with pytest.raises(ValueError, match=r"is no address of a hub: write it like https://hub"):
            hub_link(wrong, REPOSITORY, FILE)


def test_the_command_prints_a_link_for_each_chapter(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    assert main(["links", "https://hub.school.org"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    assert [line.split("  ")[0] for line in lines] == names
    repository = quote(real().repository, safe="")
    assert all(f"?repo={repository}&" in line for line in lines)
    assert main(["links", "hub"]) == 1
    assert "no address of a hub" in capsys.readouterr().err
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(ValueError, match=r"there is no book\.toml here that"):
        hub_links(tmp_path / "notebooks", "https://hub.school.org")


def test_every_chapter_opens_on_both_and_is_in_the_tree():
    course = real()
    page = elsewhere_page(course)
    assert lost(course, page) == []
    owner = urlsplit(course.repository).path.strip("/")
    opened = {"binder": [], "colab": []}
    for address in map(urlsplit, addresses(page)):
        if address.hostname == "mybinder.org" and address.query:
            assert unquote(address.path) == f"/v2/gh/{owner}/{BRANCH}"
            opened["binder"] += parse_qs(address.query)["labpath"]
        elif address.hostname == "colab.research.google.com":
            found = re.fullmatch(rf"/github/{owner}/blob/{BRANCH}/(.*)", unquote(address.path))
            opened["colab"].append(found[1])
    files = [known.file for known in course.chapters]
    assert opened == {"binder": files, "colab": files}
    assert all((ROOT / file).is_file() for file in files)
    assert (ROOT / "environment.yml").is_file(), "from which Binder installs the course"
