"""An exercise that is text: what its file may say, and what is said of a file that does not fit."""

import numpy as np
import pytest

from attnlab.check.answering import judge_answer
from attnlab.check.exercise_file import exercise_at
from attnlab.check.judging import judge
from attnlab.check.templates import expression, sentence

FUNCTION = '''# 1.9 · Twice

easy, 2 minutes

Write the double of each number.

- That of 0 is 0.

```python
def my_twice(x):
    """x (word,) -> (word,)"""
    raise NotImplementedError
```

- x: word
- returns: word

## Hints

1. How often?
2. The section
   "Twice".
3. 2 x
4. Even numbers.

## Solution

```python
def my_twice(x):
    # a comment is no heading
    return 2 * x
```

## Mistakes

### three times

`2` → `3`

Your first number is {said(got[0])}, three times {said(x[0])};
{len(x)} numbers should be doubled.

### not at all

`2 * ` →

If `len(x) == 2`: Your two numbers are as they came.

If `len(x) > 9`: Many.

They are as they came.

### backwards

```python
turned = x[::-1]
return right(turned) + nothing
```

You turn the row round.

### nobody's

```python
from math import pi


def my_twice(x):
    return pi * x
```

π has no place here.

## Flaws

### small numbers only

- call: `large`
- most bytes: `8 * 1000`

`2 * x` → `np.minimum(2 * x, 100)`

of large numbers it makes {few(got)}.
'''
PART = """import numpy as np

nothing = 0.0
probes = (
    lambda _: {"x": np.array([1.0, 5.0])},
    lambda random: {"x": random.normal(size=3)},
)


def large(_):
    return {"x": np.array([1000.0])}
"""
QUESTION = """# 1.8 · A number

hard, 1 minutes

How much is 2 + 2?

```python
my_sum = ...
```

- asks: one number, the sum
- answer: `2 + 2`
- accepts: `abs(mine - 4) < 0.5`
- tolerance: 0.001
- otherwise: Count.

## Hints

1. a
2. b
3. c
4. d

## Solution

```python
my_sum = 4
```

## Wrong answers

### the product's half

`2`

That is 2 · 2 / 2.

### too much

`100` when `mine > 10`

{said(mine)} is too much.
"""


def written(folder, text, part=None, name="twice"):
    path = folder / f"{name}.md"
    path.write_text(text, encoding="utf-8")
    if part:
        path.with_suffix(".py").write_text(part, encoding="utf-8")
    return path


@pytest.fixture
def exercise(tmp_path):
    return exercise_at(written(tmp_path, FUNCTION, PART))


def test_an_exercise_is_what_its_file_says(exercise):
    assert (exercise.number, exercise.name, exercise.title) == ("1.9", "twice", "Twice")
    assert (exercise.difficulty, exercise.minutes) == ("easy", 2)
    assert exercise.asked == "Write the double of each number.\n\n- That of 0 is 0."
    assert exercise.hints == ("How often?", 'The section "Twice".', "2 x", "Even numbers.")
    assert (exercise.parameters, exercise.result) == ({"x": "word"}, "word")
    assert exercise.filled(exercise.stub).endswith("Error\n\n\ncheck.twice(my_twice)")
    assert exercise.prose.startswith("### Exercise 1.9 · Twice\n(easy, 2 minutes)\n\nWrite")
    assert [part.name for part in exercise.mistakes] == [
        "three times",
        "not at all",
        "backwards",
        "nobody's",
    ]


def test_a_mistake_is_a_change_of_the_solution(exercise):
    made = {part.name: part.function(np.array([1.0, 2.0])).tolist() for part in exercise.mistakes}
    assert made["three times"] == [3.0, 6.0]
    assert made["not at all"] == [1.0, 2.0]
    assert made["backwards"] == [4.0, 2.0]
    assert made["nobody's"] == pytest.approx([3.14159, 6.28319], rel=1e-4)


def test_a_sentence_holds_the_numbers_of_the_student(exercise):
    verdict = judge(exercise, lambda x: 3 * x)
    assert verdict.name == "three times"
    assert "is 3, three times 1; 2 numbers should be doubled." in " ".join(repr(verdict).split())
    assert "Your two numbers are as they came." in repr(judge(exercise, lambda x: x))


def test_a_flaw_is_found_on_its_call(exercise):
    verdict = judge(exercise, lambda x: np.minimum(2 * x, 100))
    assert (verdict.state, verdict.name) == ("right, but", "small numbers only")
    assert "of large numbers it makes 100." in repr(verdict)
    assert exercise.flaws[0].most_bytes == 8000


def test_the_solution_is_the_reference_unless_there_is_one(tmp_path, exercise):
    assert judge(exercise, lambda x: 2 * x).state == "right"
    part = PART + "\n\ndef reference(x):\n    return 4 * x\n"
    other = exercise_at(written(tmp_path, FUNCTION, part))
    assert judge(other, lambda x: 4 * x).state == "right"


def test_a_question_is_what_its_file_says(tmp_path):
    question = exercise_at(written(tmp_path, QUESTION, name="sums"))
    assert (question.asks, question.answer, question.tolerance) == ("one number, the sum", 4, 0.001)
    assert judge_answer(question, 4.4).state == "right"
    assert judge_answer(question, 2).name == "the product's half"
    assert "11 is too much." in repr(judge_answer(question, 11))
    assert "Count." in repr(judge_answer(question, 3))


FAULTS = {
    "a change that does not fit": ("`2` → `3`", "`5` → `3`", "three times.*'5' does not stand"),
    "nothing changed": ("`2` → `3`\n\n", "", "three times.*nothing is changed"),
    "nothing changed by the change": ("`2` → `3`", "`2` → `2`", "three times.*nothing is changed"),
    "an unknown name": ("{said(x[0])}", "{said(y[0])}", "three times.*nothing is named y"),
    "an unknown name in a case": ("`len(x) == 2`", "`len(y) == 2`", "at all.*nothing is named y"),
    "no expression": ("{said(x[0])}", "{said(x[0]}", "three times.*is no expression"),
    "a brace alone": ("{said(x[0])}", "{said(x[0])", "three times.*brace"),
    "a condition behind": ("They are as they came.", "Yes.\n\nNo.", "at all.*no condition"),
    "a body that is no Python": ("turned = x", "turned = = x", "backwards.*invalid syntax"),
    "no call": ("- call: `large`\n", "", "small numbers only.*call is missing"),
    "an unknown call": ("`large`", "`larger`", "small numbers only.*nothing is named larger"),
    "no hints": ("## Hints", "## Helps", "Hints is missing"),
    "no mistakes": ("## Mistakes", "## Slips", "Mistakes is missing"),
    "no solution": ("## Solution", "## Answer", "Solution is missing"),
    "no title": ("# 1.9 · Twice", "# Twice", "it begins with"),
    "no minutes": ("easy, 2 minutes", "easy", "it begins with"),
    "no result": ("- returns: word\n", "", "returns"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_does_not_fit_is_refused_by_name(tmp_path, fault):
    old, new, words = FAULTS[fault]
    assert old in FUNCTION
    path = written(tmp_path, FUNCTION.replace(old, new), PART)
    with pytest.raises(ValueError, match=f"(?s){tmp_path.name}/twice.md: .*{words}"):
        exercise_at(path)


def test_probes_are_asked_for(tmp_path):
    with pytest.raises(ValueError, match="probes is missing"):
        exercise_at(written(tmp_path, FUNCTION, PART.replace("probes =", "calls =")))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("`2`\n", "2\n", "product's half.*begins with `an answer`"),
        ("`mine > 10`", "`yours > 10`", "too much.*nothing is named yours"),
        ("- answer: `2 + 2`\n", "", "answer is missing"),
    ],
)
def test_a_question_that_does_not_fit_is_refused_by_name(tmp_path, old, new, words):
    with pytest.raises(ValueError, match=f"(?s)sums.md: .*{words}"):
        exercise_at(written(tmp_path, QUESTION.replace(old, new), name="sums"))


@pytest.mark.parametrize(
    "text",
    [
        "lambda: 1",
        "(x := 1)",
        "x.__class__",
        "open('file')",
        "__import__('os')",
        "eval('1')",
        "[y for z in x]",
        "x; x",
        "import os",
        "f'{x}'",
        "",
    ],
)
def test_expressions_are_of_a_small_kind(text):
    with pytest.raises(ValueError, match=r"expression|place|business|named"):
        expression(text, ["x"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("few(x)", "1 and 2"),
        ("x.sum(axis=0)", "3.0"),
        ("len(x) if x[0] > 0 else 'none'", "2"),
        ("sum(y for y in x if y > 1)", "2.0"),
        ("np.sqrt(x[-1] ** 2)", "2.0"),
        ("format(x[1], '.2f')", "2.00"),
    ],
)
def test_what_expressions_can_say(text, said):
    assert sentence(f"It is {{{text}}}.", ["x"])({"x": np.array([1.0, 2.0])}) == f"It is {said}."
