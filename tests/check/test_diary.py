"""The file of progress: small, whole, and never worth an error."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from attnlab import check
from attnlab.check import diary


def entries(folder):
    return json.loads((folder / "progress.json").read_text())["exercises"]


def test_the_best_of_all_attempts_is_kept(own_folder):
    check.which_temperature(0.5)
    check.which_temperature(2)
    check.which_temperature([1, 2])
    (entry,) = entries(own_folder).values()
    assert entry == {"attempts": 3, "best": "right", "tries": 2, "mistakes": {"upside down": 1}}
    assert os.listdir(own_folder) == ["progress.json"], "one file, nothing beside it"
    assert set(json.loads((own_folder / "progress.json").read_text())) == {"format", "exercises"}


def test_no_attempt_writes_nothing(own_folder):
    def stub(scores, axis=-1):
        raise NotImplementedError

    check.softmax(stub)
    check.which_temperature(...)
    check.progress()
    check.hint("softmax")
    check.solution("softmax")
    assert not own_folder.exists()


def test_the_table():
    check.which_temperature(2)
    check.score_of_on(3)
    text = repr(check.progress())
    row = r"3\.2 +A temperature for a ratio +which_temperature +medium +5 +1 +right *\n"
    assert re.search(row, text)
    lines = {line.split()[0]: line.split() for line in text.splitlines()[1:-1]}
    assert lines["3.2"][-2:] == ["1", "right"]
    assert lines["1.1"][-3:] == ["1", "wrong", "value"]
    assert text.splitlines()[-1].startswith("1 of ")
    page = check.progress()._repr_html_()
    assert page.count("<tr>") == len(text.splitlines()) - 1
    assert '<th scope="row">3.2</th>' in page


def test_bets_are_kept_beside_the_exercises(own_folder):
    check.which_temperature(2)
    for claim, sure, right in [("a", 80, True), ("b", 80, False), ("c", 50, True), ("a", 95, True)]:
        assert diary.record_bet(claim, sure, right) is None
    assert diary.bets()["a"] == {"sure": 95, "right": True}, "one bet a claim"
    check.which_temperature(1)
    assert len(diary.bets()) == 3, "an attempt leaves them"
    assert entries(own_folder)["which_temperature"]["attempts"] == 2


def test_what_is_tried_after_a_right_answer_is_no_mistake(own_folder):
    for answer in (1, 0.5, 1, 2, 1, 2):
        check.which_temperature(answer)
    (entry,) = entries(own_folder).values()
    assert entry["mistakes"] == {"no temperature": 2, "upside down": 1}
    assert (entry["tries"], entry["attempts"]) == (4, 6)


def test_the_table_of_bets():
    assert "how sure" not in repr(check.progress()) + check.progress()._repr_html_()
    for claim, sure, right in [("a", 80, True), ("b", 80, False), ("c", 50, True)]:
        diary.record_bet(claim, sure, right)
    told = check.progress()
    lines = [line.split() for line in repr(told).splitlines()[-3:]]
    assert lines == [
        ["how", "sure", "bets", "of", "them", "right"],
        ["50", "%", "1", "1"],
        ["80", "%", "2", "1"],
    ]
    assert told._repr_html_().count("<table>") == 2
    assert '<th scope="row">80 %</th><td style="text-align:left">2</td>' in told._repr_html_()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"format": "attnlab progress 2", "exercises": {}}',
        b'{"format": "attnlab progress 1", "exercises": []}',
        b'{"format": "attnlab progress 1", "exercises": {"softmax": {"attempts": "x"}}}',
        b'{"format": "attnlab progress 1", "exercises": {"a": {"attempts": 1, "best": "?"}}}',
        b'{"format": "attnlab progress 1", "exercises": {"a": {"attempts": 0, "best": "right"}}}',
        b'{"format": "attnlab progress 1", "exercises": {}, "bets": []}',
        b'{"format": "attnlab progress 1", "exercises": {}, "bets": {"a": {"sure": 80}}}',
    ],
)
def test_a_damaged_file_is_set_aside_with_a_word(own_folder, content):
    own_folder.mkdir()
    (own_folder / "progress.json").write_bytes(content)
    (own_folder / "progress.damaged-1.json").write_bytes(b"older")
    verdict = check.which_temperature(2)
    assert verdict.state == "right"
    assert "was damaged: it is kept as progress.damaged-2.json" in " ".join(repr(verdict).split())
    assert (own_folder / "progress.damaged-2.json").read_bytes() == content
    assert (own_folder / "progress.damaged-1.json").read_bytes() == b"older"
    assert entries(own_folder)["which_temperature"]["best"] == "right"
    assert "damaged" not in repr(check.which_temperature(2)), "said once"


def test_the_table_says_it_too(own_folder):
    own_folder.mkdir()
    (own_folder / "progress.json").write_text("{")
    assert "damaged" in repr(check.progress())
    assert "damaged" not in repr(check.progress())


def test_exercises_of_another_version_are_kept(own_folder):
    own_folder.mkdir()
    old = {"format": "attnlab progress 1", "exercises": {"gone": {"attempts": 2, "best": "right"}}}
    (own_folder / "progress.json").write_text(json.dumps(old))
    check.which_temperature(2)
    assert set(entries(own_folder)) == {"gone", "which_temperature"}
    assert "gone" not in repr(check.progress())


def test_a_file_in_place_of_the_folder_loses_nothing_else(own_folder):
    own_folder.write_text("mine")
    verdict = check.which_temperature(2)
    assert verdict.state == "right"
    assert "Your progress was not kept (" in repr(verdict)
    assert own_folder.read_text() == "mine"
    assert "0 of " in repr(check.progress())
    assert "my_temperature" not in repr(check.solution("which_temperature"))


def test_a_folder_in_place_of_the_file(own_folder):
    (own_folder / "progress.json").mkdir(parents=True)
    assert check.which_temperature(2).state == "right"
    assert "cannot be read" in repr(check.progress())


def test_an_unwritable_folder(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)  # as for root every folder is writable
    verdict = check.which_temperature(2)
    assert "Your progress was not kept (Permission denied)" in repr(verdict)


def test_broken_off_while_writing_the_old_file_stays(own_folder, monkeypatch):
    check.which_temperature(1)
    before = (own_folder / "progress.json").read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "not kept (No space left on device)" in repr(check.which_temperature(2))
    assert (own_folder / "progress.json").read_bytes() == before
    assert os.listdir(own_folder) == ["progress.json"]


def test_two_processes_at_once(own_folder):
    program = (
        "from attnlab.check.diary import record\n"
        "import sys\n"
        "for _ in range(40): assert record(sys.argv[1], 'right') is None"
    )
    command = [sys.executable, "-c", program]
    names = ["softmax", "score", "softmax"]
    running = [subprocess.Popen([*command, name], env=dict(os.environ)) for name in names]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    found = entries(own_folder)
    assert set(found) == {"softmax", "score"}
    assert os.listdir(own_folder) == ["progress.json"]
    if sys.platform != "win32":  # which has no lock for folders: there the last one counts
        assert [found[name]["attempts"] for name in ("softmax", "score")] == [80, 40]


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_STATE_HOME": "/s"}, "/s/attnlab"),
        ("linux", {}, "/h/.local/state/attnlab"),
        ("darwin", {"XDG_STATE_HOME": "/s"}, "/h/Library/Application Support/attnlab"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/attnlab"),
        ("win32", {}, "/h/AppData/Local/attnlab"),
        ("win32", {"ATTNLAB_STATE": "/own"}, "/own"),
    ],
)
def test_the_folder_of_each_system(monkeypatch, platform, environment, expected):
    for name in ("ATTNLAB_STATE", "XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("/h"))
    assert diary.folder() == Path(expected)
