"""The page for teachers: a class on one machine, what students hand in, and what was measured."""

from __future__ import annotations

import html
import json
import math
from pathlib import Path

from attnlab.book.course import Course
from attnlab.book.elsewhere import hub_link

MEASURED = Path(__file__).with_name("classroom.json")
"""Written by `make classroom`."""
CLASS = 30


def teachers_page(course: Course) -> str:
    """The Markdown of the page."""
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    chapter = course.chapters[-1]
    address = hub_link("https://hub.school.org", course.repository, chapter.file)
    return _PAGE.format(
        repository=html.escape(course.repository),
        link=f"{chapter.path.removesuffix('.ipynb')}  {address}",
        measured=_measured(found),
        needed=needed(found),
        date=found["date"],
        machine=html.escape(found["machine"]),
        students=found["students"],
        class_of=CLASS,
    )


def needed(found: dict, working: float = 1.0, students: int = CLASS) -> int:
    """The gibibytes that a class needs if this share of its students has a kernel at work.

    Every kernel is reckoned as the largest of those measured, and a third is added.
    """
    megabytes = found["megabytes"]
    hub = megabytes["all, no kernels"] - found["students"] * megabytes["a student"]
    largest = max(row["megabytes"] for row in found["five at once"])
    sum_ = max(hub, 0) + students * (megabytes["a student"] + working * largest)
    return math.ceil(sum_ * 4 / 3 / 1024)


def _measured(found: dict) -> str:
    seconds, megabytes, students = found["seconds"], found["megabytes"], found["students"]
    ran = found["five at once"]
    last = max(ran, key=lambda row: row["seconds"])
    sizes = sorted(row["megabytes"] for row in ran)
    first = f"Chapter {int(ran[0]['chapter'][:2])}"
    rows = {
        "From a student's first login to a figure that moves": _s(seconds["first login"]),
        "From a click on a link to a figure that moves": _s(seconds["link"]),
        "A student's server starts (median)": _s(seconds["server"]),
        f"The servers of {students} students start, three at a time": _s(seconds["all servers"]),
        "Memory of a student who reads, without a kernel": _mb(megabytes["a student"]),
        f"Memory of {students} of them and the hub": _mb(megabytes["all, no kernels"]),
        "Memory of a kernel that has run its chapter": f"{_mb(sizes[0])} to {_mb(sizes[-1])}",
        f"{first} runs alone": _s(found["alone"]),
        f"{first} runs while four others do": _s(ran[0]["seconds"]),
        f"The last of the five, chapter {int(last['chapter'][:2])}, is done": _s(last["seconds"]),
    }
    lines = "\n".join(
        f'<tr><th scope="row">{html.escape(what)}</th><td>{how}</td></tr>'
        for what, how in rows.items()
    )
    return _TABLE.format(rows=lines)


def _s(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _mb(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"


_TABLE = """<table class="attn-measured">
<thead><tr><th scope="col">what</th><th scope="col">measured</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>"""

_PAGE = """# For teachers

What to show in a lecture, and what to ask the room, is on the pages [for lecturers](lecturers.html). This page is about a class that works through the course: how all of them get it, on their machines or on one of yours, and how you see where they are. Nothing that anybody does is sent anywhere. On their own machines you see what students hand in, and no more; on a hub, whoever administers it can read every home.

## What students hand in

The checker keeps a small file for each student: how many tries an exercise took, which mistakes were made, which bets were won. It holds no answers, no code and no times. A student makes a copy of it, in a terminal or in a cell with `!` before it, and hands it in like any other work:

```sh
attnlab progress --hand-in "Ada Lovelace.json"
```

Put the files into a folder. Folders as a learning platform exports them, one for each student, work too: then the folder is the student's name. If you add a list, `names.txt`, one name a line, you also hear who has handed in nothing. Then:

```sh
attnlab progress --class FOLDER
```

It writes two files into that folder: `class.csv` for a spreadsheet, and `class.html`, a page without scripts that says how many tries each exercise took each student, which mistakes were made most, with the checker's sentence, who has not begun, and how the bets went. Both hold names: keep them to yourself.

<p class="attn-picture"><img src="live/class_page.png" width="1000" height="1040" alt="The page about a class: how many have handed in, a table of the exercises with tries and bars, and below it the list of the mistakes that most students made"></p>

*The page of a class that never was: thirty files from the real checker, two of them damaged.*

A file that is damaged, empty, far too large, of another version, a link, or a second one of the same student is named and left out; the rest is summed. A name is never run as a formula or as HTML. How you read it: an exercise with many tries and one frequent mistake wants five minutes in the room, with that mistake on the board; one with many tries and no frequent mistake wants a better explanation.

A copy of the notebooks with every exercise solved, for you: `attnlab solutions ELSEWHERE`.

## One machine for the class

If students cannot install anything, or should not have to, one machine with Linux serves them all by [JupyterHub](https://jupyterhub.readthedocs.io). The folder `classroom` of the repository has a configuration that was tried as it is. You need Python with `venv`, and npm; all as root, and in a folder that students can read:

```sh
git clone {repository} /opt/attnlab-course && cd /opt/attnlab-course
python3 -m venv /opt/attnlab
/opt/attnlab/bin/pip install -c requirements.lock . -r classroom/requirements.txt
npm install -g configurable-http-proxy
/opt/attnlab/bin/jupyterhub -f classroom/jupyterhub_config.py
```

- **One environment for all.** It is installed once and nobody can change it; each student has a home of their own, into which the course is fetched at the first login.
- **Limits.** No process of a student may hold more than 2 GB, and each computes on one thread. Anyone who asks for more gets a `MemoryError`, and the others notice nothing.
- **Culling.** A kernel that has rested for forty minutes ends, a server that nobody has used for an hour ends as well. Files stay; variables do not, so *Run → Run All Cells* after a break.
- **Who comes in** is up to you: as it stands, whoever has an account on the machine. The hub listens on this machine alone, at 127.0.0.1:8000; students reach it by a web server with HTTPS that you put in front of it.

For each chapter `attnlab links https://hub.school.org` gives a link that fetches the course, or what is new in it, and opens the chapter. What students have changed stays theirs:

```text
{link}
```

### What it takes

`make classroom` starts that very configuration on your machine, lets {students} students in, opens a chapter for one of them in a browser, and runs five chapters at once. Here it gave, on {date}, on {machine}:

{measured}

Memory is what each process would free if it ended: a page that several share is counted once. The times are those of so few cores, with nothing else at work on them. If all of a class of {class_of} have a kernel at work, plan **{needed} GB** of memory: every kernel as large as the largest of these, and a third on top. Since PyTorch is most of a kernel, chapters that do without it take far less.

## Rules of the house

A class works well with three of them. Bet before you scroll: a prediction is worth something only if it was made. Hints before solutions: `check.hint` leads on in four steps, and `check.solution` opens when asked twice. And do not use tries as marks: they say where the course is hard, not who is good.
"""  # noqa: E501
