"""The same hub as a trial: anybody comes in without a password, and only from this machine.

tests/classroom.py starts it. Never use it for a class.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub hands it in

load_subconfig(str(Path(__file__).with_name("jupyterhub_config.py")))  # noqa: F821

c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{os.environ['ATTNLAB_TRIAL']}/homes/{{username}}"
for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTERLAB_DIR"):
    if name in os.environ:  # where the environment of the trial is put together of two
        c.Spawner.environment[name] = os.environ[name]
c.Spawner.start_timeout = c.Spawner.http_timeout = 900  # however busy the machine is
if os.geteuid() == 0:
    c.Spawner.args = ["--allow-root"]  # all servers run as whoever runs the trial
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['ATTNLAB_TRIAL_PORT']}"
c.JupyterHub.hub_port = int(os.environ["ATTNLAB_TRIAL_PORT"]) + 1
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{int(os.environ['ATTNLAB_TRIAL_PORT']) + 2}"
c.JupyterHub.services.append(
    {"name": "trial", "api_token": os.environ["ATTNLAB_TRIAL_TOKEN"], "display": False}
)
c.JupyterHub.load_roles.append(
    {
        "name": "trial",
        "scopes": ["admin:users", "admin:servers", "access:servers", "shutdown"],
        "services": ["trial"],
    }
)
