"""What JupyterHub starts for a student: fetches the course once, then serves it in JupyterLab.

The student's copy lies in the home folder, in attnlab. What they have changed there stays: later a
link of nbgitpuller brings what is new, and keeps their cells.
"""

import os
import subprocess
import sys
from pathlib import Path

from nbgitpuller.pull import GitPuller

import attnlab
from attnlab.book.storing import sign

BRANCH = "main"
COURSE = "attnlab"
_PACKAGE = Path(attnlab.__file__).parent
_SETTINGS = [
    "--LabApp.extension_manager=readonly",
    f"--LabApp.extra_labextensions_path={_PACKAGE / 'recipes'}",  # the weights of models
    "--MappingKernelManager.cull_idle_timeout=2400",  # seconds; a kernel holds most of the memory
    "--MappingKernelManager.cull_interval=120",
    "--MappingKernelManager.cull_connected=True",
]


def fetch(folder: Path, repository: str) -> None:
    """Bring the course into a folder, unless it is there, and sign its notebooks."""
    if folder.exists():
        return
    try:
        for line in GitPuller(repository, str(folder), branch=BRANCH, depth=1).pull():
            print(line, end="", file=sys.stderr)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"the course was not fetched: {error}", file=sys.stderr)  # a link may do it later
    if (folder / "notebooks").is_dir():
        sign(folder / "notebooks")


def limit_memory(most: int) -> None:
    """No process may hold more than that many bytes; on systems without such limits nothing."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    except (ImportError, AttributeError, ValueError, OSError) as error:
        print(f"no limit of memory: {error}", file=sys.stderr)


def main(arguments: list[str]) -> None:
    """Become the student's server."""
    fetch(Path.cwd() / COURSE, os.environ["ATTNLAB_REPOSITORY"])
    if most := int(os.environ.get("MEM_LIMIT") or 0):
        limit_memory(most)
    paths = [str(_PACKAGE / "jupyter_config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    command = [sys.executable, "-m", "jupyterhub.singleuser", *_SETTINGS, *arguments]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    main(sys.argv[1:])
