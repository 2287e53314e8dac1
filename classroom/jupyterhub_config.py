"""JupyterHub for a class of thirty on one machine: one environment for all, a home for each.

Run as root, for it starts servers as the students:

    jupyterhub -f classroom/jupyterhub_config.py

Students come in with the account that they have on this machine. For accounts of a school or of
Google, set another `authenticator_class`; JupyterHub's documentation lists them. Between the class
and this machine belongs a web server that speaks HTTPS. `make classroom` tries this very file.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub hands it in

_HERE = Path(__file__).resolve().parent
_HOUR = 3600

c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # the web server in front talks to it
c.Authenticator.allow_all = True  # everybody with an account here

# Each student has a server of their own; all of them use this one environment.
c.Spawner.cmd = [sys.executable, str(_HERE / "student_server.py")]
c.Spawner.default_url = "/lab/tree/attnlab/notebooks/00_start_here.ipynb"
c.Spawner.environment = {
    "ATTNLAB_REPOSITORY": os.environ.get(
        "ATTNLAB_REPOSITORY", "https://github.com/attnlab/attnlab"
    ),
    "OMP_NUM_THREADS": "1",  # thirty kernels share the cores: one thread each
}
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120

# No process of a student holds more; student_server.py sees to it.
c.Spawner.mem_limit = "2G"

# When all come in at nine o'clock: a few servers at a time, the others wait for a moment.
c.JupyterHub.concurrent_spawn_limit = 2 * (os.cpu_count() or 1)
c.JupyterHub.active_server_limit = 60

# What nobody uses gives its memory back: kernels (student_server.py), then whole servers.
c.JupyterHub.load_roles = [
    {
        "name": "cull-idle",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["cull-idle"],
    }
]
c.JupyterHub.services = [
    {
        "name": "cull-idle",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={_HOUR}"],
    }
]
