"""Where else a chapter opens: Binder and Colab, by links made from the repository's address."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from attnlab.book.course import Chapter, Course
from attnlab.book.markup import link
from attnlab.book.trouble import BookError

BRANCH = "main"
_HOSTS = {"github.com": "gh", "gitlab.com": "gl"}


def binder(repository: str, file: str) -> str:
    """The address at which Binder opens a notebook of a repository in JupyterLab.

    >>> binder("https://github.com/attnlab/attnlab", "notebooks/05_many_heads.ipynb")
    'https://mybinder.org/v2/gh/attnlab/attnlab/main?labpath=notebooks%2F05_many_heads.ipynb'
    """
    host, name = _parts(repository)
    way = _HOSTS.get(host, "git")
    place = {"gh": name, "gl": quote(name, safe="")}.get(way, quote(repository, safe=""))
    return f"https://mybinder.org/v2/{way}/{place}/{BRANCH}?labpath={quote(file, safe='')}"


def colab(repository: str, file: str) -> str | None:
    """The address at which Colab opens a notebook; it opens those on GitHub only.

    >>> colab("https://github.com/attnlab/attnlab", "notebooks/05_many_heads.ipynb")
    'https://colab.research.google.com/github/attnlab/attnlab/blob/main/notebooks/05_many_heads.ipynb'
    """
    host, name = _parts(repository)
    if host != "github.com":
        return None
    return f"https://colab.research.google.com/github/{name}/blob/{BRANCH}/{quote(file)}"


def elsewhere_page(course: Course) -> str:
    """The Markdown of the page that opens each chapter on Binder and Colab."""
    rows = "\n".join(_row(course.repository, chapter) for chapter in course.chapters)
    steps = [_BINDER]
    if colab(course.repository, ""):
        steps.append(_COLAB.format(repository=course.repository))
    return "\n\n".join([_INTRODUCTION, *steps, _TABLE.format(rows=rows)]) + "\n"


def links(repository: str, chapter: Chapter) -> list[str]:
    """The links, as HTML, to a chapter on Binder and, where it can be, on Colab."""
    found = [link(binder(repository, chapter.file), "Binder")]
    if address := colab(repository, chapter.file):
        found.append(link(address, "Colab"))
    return found


_INTRODUCTION = """# Open elsewhere

In this book the figures move, but the code does not run. To run and change it without installing anything, open a chapter on somebody else's computer, over the internet. What you change there is lost when you leave, unless you download it."""  # noqa: E501

_BINDER = """**Binder** installs the course first, which may take some minutes, and then opens the chapter in JupyterLab. Choose *Run → Run All Cells*: from then on its figures move."""  # noqa: E501

_COLAB = """**Colab** opens the chapter alone, and wants an account with Google. Add a code cell at its top with this line, run it, and then choose *Runtime → Run all*. The figures move there too.

```text
%pip install git+{repository}
```"""  # noqa: E501

_TABLE = """<table class="attn-elsewhere-list">
<thead><tr><th scope="col">chapter</th><th scope="col">open on</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def _row(repository: str, chapter: Chapter) -> str:
    ways = " · ".join(links(repository, chapter))
    name = link(chapter.page, chapter.name)
    return f'<tr><th scope="row">{name}</th><td>{ways}</td></tr>'


def _parts(repository: str) -> tuple[str, str]:
    """Host and name: github.com and attnlab/attnlab."""
    address = urlsplit(repository)
    name = address.path.strip("/").removesuffix(".git")
    if address.scheme != "https" or "/" not in name:
        cure = "write it like https://github.com/attnlab/attnlab"
        what = f"{repository or 'nothing'} is no address of a repository"
        raise BookError("book.toml, output.html.git-repository-url", what, cure)
    return address.hostname or "", name
