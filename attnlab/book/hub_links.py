"""`attnlab links HUB`: for each chapter a link that opens it on a teacher's JupyterHub."""

from __future__ import annotations

from pathlib import Path

from attnlab.book.elsewhere import hub_link
from attnlab.book.toml_files import toml


def hub_links(folder: Path, hub: str, repository: str | None = None) -> list[str]:
    """The name of each notebook, and behind it the link.

    Args:
        folder: of the notebooks.
        hub: the address of the JupyterHub, such as https://hub.school.org.
        repository: from which students get the course; that of book.toml if not given.

    Raises:
        ValueError: the hub's address is none, or nobody says where the repository is.
    """
    known = repository or _repository(folder.parent)
    files = [f"notebooks/{path.name}" for path in sorted(folder.glob("*.ipynb"))]
    return [f"{Path(file).stem}  {hub_link(hub, known, file)}" for file in files]


def _repository(root: Path) -> str:
    if not (root / "book.toml").is_file():
        cure = "name the one from which students get the course: --repository https://…"
        raise ValueError(f"there is no book.toml here that knows the repository: {cure}")
    return toml(root / "book.toml", root.name)["output"]["html"]["git-repository-url"]
