"""The first page of the book: a figure that moves, then what this is."""

from __future__ import annotations

import html

from attnlab.book.course import Course
from attnlab.book.elsewhere import colab
from attnlab.book.ledger import count, settled
from attnlab.book.trouble import BookError

FIGURE = "the-machine"  # of chapter 0
MAP = "the-map"
READING = "read-the-machine"


def landing_page(course: Course) -> str:
    """The Markdown of the page.

    Raises:
        BookError: chapter 0 lacks the figure or the map.
    """
    start = course.start
    figure = start.figure(FIGURE)
    if figure is None:
        cure = f"give its live figure the cell id {FIGURE}"
        raise BookError(start.file, "the first page shows a figure of it that is gone", cure)
    chapters = "\n".join(
        line for line in course.text(start, MAP).splitlines() if line.startswith("|")
    )
    return _PAGE.format(
        shown=course.shown(start, figure),
        reading=start.place(READING),
        start=start.page,
        claims=_claims(course),
        figures=sum(len(chapter.figures) for chapter in course.chapters),
        chapters=course.prose(chapters, start.file, MAP),
        repository=html.escape(course.repository),
        folder=course.repository.rstrip("/").rpartition("/")[2].removesuffix(".git"),
        hosts="Binder or Colab" if colab(course.repository, "") else "Binder",
    )


def _claims(course: Course) -> str:
    """How many claims are settled, and how: 51 so far: 30 came out true, 6 false and so on."""
    counts = count(course)
    return f"{counts.total() - counts['open']} so far: {settled(counts)}"


_PAGE = """# Attention that you can move

How does a computer know who does what to whom? This Transformer knows, until you switch its attention off. Build it yourself: with a pencil first, then in code that you can change.

<div class="attn-first">
{shown}
</div>

Type an English sentence. Point at a French word, and what it looked at is marked. Click a box to open it; untick *attention*, and see what becomes of the French. [How to read it]({reading})

## What this is

A course of chapters, each a notebook that you can read here or run.

- **Figures move.** The [{figures} live figures](figures.html) answer in the page itself: masks, softmax and sums are computed anew with each step of a slider, and tests hold them to the code beside them.
- **Claims are computed.** Where a course would say "it is known that", a cell here tests it. The [ledger](ledger.html) holds {claims}.
- **Nothing is hidden.** First a sum by hand, then a loop, then a matrix product, then the function of the package; and a cell that shows that all agree. Words are explained where they first appear, and listed in the [glossary](glossary.html).

## How to start

**Read here.** Begin with [Start here]({start}); twenty minutes, nothing to install. The figures move on these pages, also without a network. What you are asked to guess stands folded below the question: guess first, then open it.

**Run it on your own computer.** With Python 3.11 or newer, git and make (for Windows and conda, see the README there):

```sh
git clone {repository}
cd {folder}
make lab
```

**Run it without installing anything,** on [{hosts}](elsewhere.html).

## The chapters

{chapters}

## Who it is for

For **readers** who know some Python and school algebra with matrices; what attention is, you need not know. For **lecturers**: each chapter is a lecture as well, with [slides, settings to show, wrong answers to expect and questions to ask](lecturers.html). For **teachers**: [a class of thirty on one machine, and where each of them is](teachers.html).
"""  # noqa: E501
