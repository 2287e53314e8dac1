"""Where else a chapter opens, what is seen there, and links made from the repository's address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from attnlab.book.course import Chapter, Course
from attnlab.book.markup import inline, link
from attnlab.book.toml_files import toml
from attnlab.book.trouble import BookError

BRANCH = "main"
_FOLDER = "attnlab"  # of a student's home, as classroom/student_server.py names it
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


def hub_link(hub: str, repository: str, file: str) -> str:
    """The address at which a JupyterHub fetches the course, by nbgitpuller, and opens a notebook.

    >>> hub_link("https://hub.school.org", "https://github.com/a/attnlab", "notebooks/05_x.ipynb")
    'https://hub.school.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fa%2Fattnlab&targetpath=attnlab&branch=main&urlpath=lab%2Ftree%2Fattnlab%2Fnotebooks%2F05_x.ipynb'

    Raises:
        ValueError: the hub's address is none.
    """
    address = urlsplit(hub)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError(f"{hub!r} is no address of a hub: write it like https://hub.school.org")
    asked = {
        "repo": repository,
        "targetpath": _FOLDER,
        "branch": BRANCH,
        "urlpath": f"lab/tree/{_FOLDER}/{file}",
    }
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"


def nbviewer(repository: str, file: str) -> str:
    """The address at which nbviewer shows a stored notebook.

    >>> nbviewer("https://github.com/attnlab/attnlab", "notebooks/05_many_heads.ipynb")
    'https://nbviewer.org/github/attnlab/attnlab/blob/main/notebooks/05_many_heads.ipynb'
    """
    host, name = _parts(repository)
    if host == "github.com":
        return f"https://nbviewer.org/github/{name}/blob/{BRANCH}/{quote(file)}"
    return f"https://nbviewer.org/urls/{host}/{name}/raw/{BRANCH}/{quote(file)}"


def stored_at(repository: str, file: str) -> str:
    """The address at which the repository itself shows a file.

    >>> stored_at("https://github.com/attnlab/attnlab", "notebooks/05_many_heads.ipynb")
    'https://github.com/attnlab/attnlab/blob/main/notebooks/05_many_heads.ipynb'
    """
    host, name = _parts(repository)
    return f"https://{host}/{name}/blob/{BRANCH}/{quote(file)}"


def elsewhere_page(course: Course) -> str:
    """The Markdown of the page: what is seen where, and links to each chapter there.

    Raises:
        BookError: hosts.toml lacks something.
    """
    hosts = read_hosts()
    seen = "\n".join(map(_seen, hosts))
    told = "\n\n".join(map(_told, hosts))
    rows = "\n".join(_row(course.repository, chapter) for chapter in course.chapters)
    first = _FIRST.format(repository=course.repository)
    parts = [_INTRODUCTION, _SEEN.format(rows=seen), told, first, _TABLE.format(rows=rows)]
    return "\n\n".join(parts) + "\n"


def read_hosts() -> list[dict]:
    """The hosts of hosts.toml.

    Raises:
        BookError: one of them lacks a key, or has one that is unknown.
    """
    hosts = toml(HOSTS, "attnlab/book")["host"]
    for host in hosts:
        documented = host.get("known") == "documented"
        wanted = _KEYS | ({"source"} if documented else set())
        if set(host) != wanted or host["known"] not in ("seen", "documented"):
            words = f"{host.get('name', 'a host')} is not told of as the others"
            raise BookError("attnlab/book/hosts.toml", words, f"say {', '.join(sorted(wanted))}")
    return hosts


def links(repository: str, chapter: Chapter) -> list[str]:
    """The links, as HTML, to a chapter on Binder and, where it can be, on Colab."""
    found = [link(binder(repository, chapter.file), "Binder")]
    if address := colab(repository, chapter.file):
        found.append(link(address, "Colab"))
    return found


def _looks(repository: str, chapter: Chapter) -> list[str]:
    """The links, as HTML, to where a chapter is only looked at."""
    name = {"github.com": "GitHub", "gitlab.com": "GitLab"}.get(_parts(repository)[0], "repository")
    return [
        link(nbviewer(repository, chapter.file), "nbviewer"),
        link(stored_at(repository, chapter.file), name),
    ]


def _seen(host: dict) -> str:
    cells = "".join(f"<td>{inline(host[key])}</td>" for key in ("figures", "code", "known"))
    return f'<tr><th scope="row">{inline(host["name"])}</th>{cells}</tr>'


def _told(host: dict) -> str:
    source = f" Source: [{host['source'][0]}]({host['source'][1]})." if "source" in host else ""
    return f"**{host['name']}.** {host['how']}{source}"


def _row(repository: str, chapter: Chapter) -> str:
    runs, looks = " · ".join(links(repository, chapter)), " · ".join(_looks(repository, chapter))
    name = link(chapter.page, chapter.name)
    return f'<tr><th scope="row">{name}</th><td>{runs}</td><td>{looks}</td></tr>'


HOSTS = Path(__file__).with_name("hosts.toml")
_KEYS = {"name", "figures", "code", "known", "how"}

_INTRODUCTION = """# Open elsewhere

In this book the figures move, but the code does not run. To run and change it, install the course, or open a chapter on somebody else's computer. The notebooks are the same everywhere, but which figures move differs. “Seen” below means that we have tried it with this course; “documented” that we go by what the makers say, because we could not try it."""  # noqa: E501

_SEEN = """<table class="attn-elsewhere-list">
<thead><tr><th scope="col">where</th><th scope="col">figures</th><th scope="col">code</th><th scope="col">known</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""  # noqa: E501

_FIRST = """## Each chapter

On somebody else's computer the course must be installed first. Binder does that by itself. On Colab and Kaggle add a code cell at the top of the chapter with this line, run it, and then run all:

```text
%pip install git+{repository}
```

What you change there is lost when you leave, unless you download it."""  # noqa: E501

_TABLE = """<table class="attn-elsewhere-list">
<thead><tr><th scope="col">chapter</th><th scope="col">run it on</th><th scope="col">look at it on</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""  # noqa: E501


def _parts(repository: str) -> tuple[str, str]:
    """Host and name: github.com and attnlab/attnlab."""
    address = urlsplit(repository)
    name = address.path.strip("/").removesuffix(".git")
    if address.scheme != "https" or "/" not in name:
        cure = "write it like https://github.com/attnlab/attnlab"
        what = f"{repository or 'nothing'} is no address of a repository"
        raise BookError("book.toml, output.html.git-repository-url", what, cure)
    return address.hostname or "", name
