"""Links to Binder and Colab: from one setting, to files that are there."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from attnlab.book.elsewhere import BRANCH, binder, colab, elsewhere_page
from attnlab.book.trouble import BookError
from courses import REPOSITORY, ROOT, addresses, lost, real, small

FILE = "notebooks/05_many_heads.ipynb"


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
    assert page.count("mybinder.org") == page.count("colab.research") == 2


def test_without_colab_the_page_does_not_speak_of_it(tmp_path):
    page = elsewhere_page(small(tmp_path, repository="https://example.org/a/b"))
    assert "Colab" not in page
    assert page.count("mybinder.org") == 2


def test_every_chapter_opens_on_both_and_is_in_the_tree():
    course = real()
    page = elsewhere_page(course)
    assert lost(course, page) == []
    owner = urlsplit(course.repository).path.strip("/")
    opened = {"binder": [], "colab": []}
    for address in map(urlsplit, addresses(page)):
        if address.hostname == "mybinder.org":
            assert unquote(address.path) == f"/v2/gh/{owner}/{BRANCH}"
            opened["binder"] += parse_qs(address.query)["labpath"]
        elif address.hostname == "colab.research.google.com":
            found = re.fullmatch(rf"/github/{owner}/blob/{BRANCH}/(.*)", unquote(address.path))
            opened["colab"].append(found[1])
    files = [known.file for known in course.chapters]
    assert opened == {"binder": files, "colab": files}
    assert all((ROOT / file).is_file() for file in files)
    assert (ROOT / "environment.yml").is_file(), "from which Binder installs the course"
