"""The captioner: pictures, features, captions and weights of the page are those of the package."""

import base64
import doctest
import json
import sys

import numpy as np
import pytest
import torch
from playwright.sync_api import sync_playwright

from alone import NEXT, START
from attnlab.lab import CaptionerView, captioner
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.caption_view import EXAMPLES, MEAN, OWN
from attnlab.lab.widgets.figure import Figure
from attnlab.lab.widgets.model_weights import packed
from attnlab.nn import Captioner, CaptionerConfig
from attnlab.recipes import trained
from attnlab.tasks import (
    HELD_OUT,
    SCENE_WORDS,
    Scene,
    SceneObject,
    captions_of,
    cover,
    draw_scene,
    gold_regions,
    shape_scenes,
)
from needs import chromium
from node import javascript, traits

SCENES = shape_scenes(torch.Generator().manual_seed(3), 20)


def untrained(decoder, **sizes):
    torch.manual_seed(1)
    sizes = {"d_model": 8, "hidden": 6, "heads": 2, "d_ff": 12} | sizes
    model = Captioner(CaptionerConfig(vocabulary=len(SCENE_WORDS), decoder=decoder, **sizes))
    with torch.no_grad():  # larger ones, or each word would look at all regions alike
        for parameter in model.parameters():
            parameter.normal_(0, 0.4)
    return model


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def models():
    return {"recurrent": untrained("gru"), "Transformer": untrained("transformer")}


@pytest.fixture(scope="module")
def shipped():
    return {
        "recurrent": trained("captions", "gru"),
        "Transformer": trained("captions", "transformer"),
    }


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("caption_view.js", tmp_path_factory.mktemp("captioner")) as answers:
        yield answers


def sent(figure):
    """Its traits, with the weights of the other models, which a page would fetch."""
    state = traits(figure)
    others = list(figure.modules.values())[1:]
    weights = [base64.b64encode(packed(each)).decode() for each in others]
    state["others"] = [
        each | {"tensors": {"shape": [1], "base64": text}}
        for each, text in zip(state["others"], weights, strict=True)
    ]
    first = base64.b64encode(packed(figure.module)).decode()
    return state | {"tensors": {"shape": [1], "base64": first}}


def set_to(figure, **settings):
    with figure.hold_trait_notifications():
        for name, value in settings.items():
            setattr(figure, name, value)
    return figure


def flat(numbers):
    return [n for part in numbers for n in (flat(part) if isinstance(part, list) else [part])]


def test_pictures_are_those_of_the_formula_and_so_is_what_covers(models, ask):
    figure = CaptionerView(models, SCENES)
    state = sent(figure)
    for name, scene in zip(figure.names, SCENES, strict=True):
        settings = [{"scene": name}, {"scene": name, "cover": True, "object": 1}]
        plain, covered = ask([["compute", state | each] for each in settings])
        picture = draw_scene(scene)
        np.testing.assert_allclose(list(plain["seen"]["data"].values()), picture.ravel(), atol=1e-9)
        each = scene.objects[min(1, len(scene.objects) - 1)]
        hidden = cover(picture, each.x, each.y, each.radius)
        np.testing.assert_allclose(
            list(covered["seen"]["data"].values()), hidden.ravel(), atol=1e-9
        )
        np.testing.assert_array_equal(set_to(figure, **settings[1]).picture, hidden)
        assert covered["chosen"] == figure.chosen == min(1, len(scene.objects) - 1)


def test_right_captions_and_the_regions_of_their_words_are_those_of_the_task(models, ask):
    figure = CaptionerView(models, SCENES)
    (state,) = ask([["compute", sent(figure)]])
    for scene, numbers in zip(SCENES, figure.scenes, strict=True):
        (objects,) = ask([["objectsOf", numbers, state["kinds"]]])
        (right,) = ask([["rightCaptions", objects, state["kinds"]]])
        assert right == captions_of(scene)
        words, gold = right[0].split(), gold_regions(scene, right[0])
        for step, regions in enumerate(gold):
            (index,) = ask([["spokenOf", words, step, objects]])
            assert (index >= 0) == regions.any()
            if index >= 0:
                assert ask([["cellsOf", objects, state["kinds"], index, 8]]) == [regions.tolist()]


@pytest.mark.parametrize("decoder", ["recurrent", "Transformer"])
def test_captions_and_all_weights_are_those_of_the_models(models, ask, decoder):
    figure = CaptionerView(models, SCENES, decoder=decoder)
    state, looks = sent(figure), []
    for name in figure.names:
        (answer,) = ask([["compute", state | {"scene": name}]])
        set_to(figure, scene=name)
        assert answer["words"] == figure.words
        assert answer["result"][0] == figure.result[0]
        np.testing.assert_allclose(flat(answer["result"]), flat(figure.result), rtol=0, atol=1e-4)
        chances = figure._captioned.probabilities
        np.testing.assert_allclose(answer["chances"], chances, rtol=0, atol=1e-5)
        looks.append(figure.weights)
    assert np.ptp(looks[0]) > 0.02, "or it would look at nothing"
    assert np.ptp([look[0] for look in looks], axis=0).max() > 0.01


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"decoder": "Transformer", "look": "layer 1, head 0"},
        {"decoder": "recurrent", "look": "layer 1, head 1"},  # which has one head
        {"scene": "three of them", "cover": True, "object": 2},
        {"scene": "one alone", "cover": True, "object": 2},
        {"scene": OWN},
        {"scene": OWN, "cover": True},
        {"scene": OWN, "own": [3, 4, 0, 500, 500]},
    ],
)
def test_the_page_agrees_with_the_package_for_every_setting(models, ask, settings):
    figure = CaptionerView(models, **settings)
    (answer,) = ask([["compute", sent(figure)]])
    assert answer["state"].items() <= figure.trait_values().items()
    np.testing.assert_allclose(flat(answer["result"]), flat(figure.result), rtol=0, atol=1e-4)
    assert bool(answer["result"][1]) == (figure.cover and bool(figure.objects))
    weights = np.array(answer["result"][2])
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-6)
    rows, columns = np.divmod(np.arange(64), 8)
    centres = np.stack([weights @ rows, weights @ columns], -1)
    np.testing.assert_allclose(answer["result"][3], centres, atol=1e-9)


def test_one_head_is_chosen_among_all_and_the_mean_is_that_of_all(models):
    figure = CaptionerView(models, decoder="Transformer")
    every = []
    for look in figure.looks[1:]:
        figure.look = look
        every.append(figure.weights)
    assert len(every) == 4
    figure.look = MEAN
    np.testing.assert_allclose(figure.weights, np.mean(every, axis=0), atol=1e-12)
    assert not np.allclose(every[0], every[1], atol=1e-3)


def test_steps_at_nearly_the_same_place_are_one_rest_of_the_gaze(ask):
    gaze = [[1, 1], [1.5, 1], [5, 5], [5, 5.3], [5, 5], [1, 1]]
    (rests,) = ask([["fixations", gaze]])
    assert [(rest["from"], rest["to"]) for rest in rests] == [(0, 1), (2, 4), (5, 5)]
    assert rests[0]["at"] == [1.25, 1]
    assert rests[1]["at"] == pytest.approx([5, 5.1])
    assert ask([["fixations", []]]) == [[]]


def test_the_shipped_models_say_what_is_in_the_examples_in_the_page_too(shipped, ask):
    figure = CaptionerView(shipped)
    state = sent(figure)
    for decoder in shipped:
        for name, scene in list(EXAMPLES.items())[:-1]:
            settings = {"scene": name, "decoder": decoder}
            (answer,) = ask([["compute", state | settings]])
            set_to(figure, **settings)
            assert figure.caption in captions_of(scene)
            numbers = flat(answer["result"]), flat(figure.result)
            np.testing.assert_allclose(*numbers, rtol=0, atol=1e-4)
            assert answer["words"] == figure.words


def test_its_example_is_true():
    result = doctest.testmod(sys.modules[CaptionerView.__module__], extraglobs={"trained": trained})
    assert (result.failed, result.attempted) == (0, 2)


def test_menus_stand_where_there_is_something_to_choose(models):
    both = captioner(models).figure.settings
    assert [each["trait"] for each in both] == ["scene", "decoder", "look", "cover"]
    assert both[0]["options"] == [*EXAMPLES, OWN]
    one = captioner(models["recurrent"], controls=["cover", "scene", "look"]).figure.settings
    assert [each["trait"] for each in one] == ["cover", "scene"]


def test_the_last_example_is_of_a_combination_that_no_training_shows():
    seen = {name: scene.split for name, scene in EXAMPLES.items()}
    assert [name for name, split in seen.items() if split == "unseen"] == ["never met"]
    kinds = {(each.colour, each.shape) for each in EXAMPLES["never met"].objects}
    assert kinds & set(HELD_OUT)


@pytest.mark.parametrize(
    ("numbers", "left"),
    [
        ([0, 0, 0, 500], 0),
        ([9, 0, 0, 500, 500], 0),
        ([0, 0, 0, 500, 500, 1, 7, 0, 500, 500], 1),
        ([0, 0, 1, 0, 9999], 1),
        ([1, 1, 1, 500, 500] * 5, 3),
    ],
)
def test_a_link_to_a_scene_that_is_none_shows_what_it_can(models, ask, numbers, left):
    state = sent(CaptionerView(models, scene=OWN)) | {"own": numbers}
    (answer,) = ask([["compute", state]])
    assert len(answer["objects"]) == left
    assert all(0.1 <= each[at] <= 0.9 for each in answer["objects"] for at in "xy")
    assert answer["words"]


def test_what_is_added_finds_room_and_what_is_moved_stays_inside(models, ask):
    (state,) = ask([["compute", sent(CaptionerView(models))]])
    kinds = state["kinds"]
    for way, end in {"ArrowLeft": "x", "ArrowRight": "x", "ArrowUp": "y", "ArrowDown": "y"}.items():
        (moved,) = ask([["nudged", state, 0, way, 40]])
        (objects,) = ask([["objectsOf", moved["own"], kinds]])
        radius = dict(kinds["sizes"])[objects[0]["size"]]
        edge = radius if way in ("ArrowLeft", "ArrowUp") else 1 - radius
        assert objects[0][end] == pytest.approx(edge, abs=1e-3)
        figure = set_to(CaptionerView(models), scene=moved["scene"], own=moved["own"])
        assert len(figure.objects) == 2
    bare = {"size": "small", "shape": "circle", "colour": "red"}
    (first,) = ask([["freePlace", bare, [], kinds]])
    (second,) = ask([["freePlace", bare, [first], kinds]])
    assert (first["x"], first["y"]) == (0.5, 0.5)
    assert np.hypot(second["x"] - 0.5, second["y"] - 0.5) > 0.3


def test_a_figure_that_was_stored_is_made_anew_from_its_traits(models):
    figure = CaptionerView(models["recurrent"], SCENES[:2], cover=True, focus=[0, 1])
    again = CaptionerView.__new__(CaptionerView)
    Figure.__init__(
        again,
        **{
            n: getattr(figure, n)
            for n in figure.traits(sync=True)
            if (n[0] != "_" and n not in Figure.class_traits()) or n == "focus"
        },
    )
    assert again.module is not figure.module
    assert again.result == figure.result
    assert again.png() == figure.png()


def test_the_kernel_sends_the_weights_of_all_models_to_a_page_that_asks(models):
    figure = CaptionerView({"small": models["recurrent"], "large": untrained("gru", d_model=66)})
    heard = []
    figure.send = lambda content, buffers: heard.append((content["weights"], len(buffers[0])))
    figure._hear(figure, {"ask": "weights"}, [])
    names = [figure.model["weights"], figure.others[0]["weights"]]
    assert [name for name, _ in heard] == names
    assert heard[1][1] == len(packed(figure.modules["large"]))


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"model": {}}, ValueError, "model is empty"),
        ({"model": torch.nn.Linear(1, 1)}, TypeError, "model holds a Linear for 'captioner'"),
        ({"scenes": []}, ValueError, "scenes is empty"),
        ({"scenes": ["a red circle"]}, TypeError, "scenes holds a str for 'scene 1'"),
        ({"scenes": {OWN: SCENES[0]}}, ValueError, "names one 'your own'"),
        ({"scene": "nowhere"}, ValueError, "scene is 'nowhere', and must be one of side by side"),
        ({"own": [0, 0, 0, 500]}, ValueError, "own has 4 numbers, and needs five"),
        ({"own": [1, 1, 1, 500, 500] * 4}, ValueError, "at most 3 objects"),
        ({"own": [4, 0, 0, 500, 500]}, ValueError, "own has 4 for a shape, .* circle, square"),
        ({"own": [0, 0, 0, 500, 20]}, ValueError, "y is 0.02, so a small object reaches outside"),
        ({"decoder": "lstm"}, ValueError, "decoder is 'lstm'"),
        ({"look": "layer 7, head 7"}, ValueError, "look is 'layer 7, head 7'"),
        ({"object": 3}, ValueError, "object is 3, and must be from 0 to 2"),
        ({"focus": [0, 99]}, ValueError, r"focus is \[0, 99\]"),
    ],
)
def test_what_does_not_fit_is_named(models, given, kind, words):
    with pytest.raises(kind, match=words):
        CaptionerView(**({"model": models} | given))


def test_a_model_of_other_pictures_or_words_is_refused():
    deaf = Captioner(CaptionerConfig(vocabulary=len(SCENE_WORDS), attention=False))
    with pytest.raises(ValueError, match="has attention=False, and so looks nowhere"):
        CaptionerView({"one vector": deaf})
    for sizes in ({"vocabulary": 9}, {"vocabulary": len(SCENE_WORDS), "size": 16}):
        other = Captioner(CaptionerConfig(d_model=8, hidden=6, **sizes))
        with pytest.raises(ValueError, match=f"has {sizes['vocabulary']} tokens and pictures of"):
            CaptionerView(other)


def test_a_scene_says_the_object_that_it_is_given():
    each = SceneObject(shape="cross", colour="red", size="small", x=0.333, y=0.517)
    figure = CaptionerView(untrained("gru"), Scene([each]))
    assert figure.objects == (each,)
    np.testing.assert_array_equal(figure.picture, draw_scene(Scene([each])))


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium(playwright))
        yield browser
        browser.close()


@pytest.fixture
def page(browser, models):
    page = browser.new_page(viewport={"width": 800, "height": 800})
    sheet = "".join(map(style, ("palette.css", "figures.css", "caption_view.css")))
    page.set_content(f"<style>{sheet}</style><main></main>")
    state = sent(CaptionerView(models["recurrent"]))
    values = {name: value for name, value in state.items() if name != "others"} | {"others": []}
    page.evaluate(START, {"code": bundle("caption_view.js"), "values": values, "room": False})
    page.evaluate(NEXT)
    yield page
    page.close()


def told(page):
    page.evaluate(NEXT)
    page.evaluate("figure.dispatchEvent(new Event('attn-ask'))")
    return {
        name: json.loads(text or "null")
        for name, text in page.evaluate("({...figure.dataset})").items()
        if name in ("state", "focus", "result")
    }


def middle_of(page, own):
    box = page.locator(".attn-drawing").bounding_box()
    return box["x"] + own[3] / 1000 * box["width"], box["y"] + own[4] / 1000 * box["height"]


def test_a_hand_moves_objects_adds_some_and_takes_them_away(page, models):
    first, tools = EXAMPLES["side by side"].objects[1], page.locator(".attn-scene-tools")
    start = middle_of(page, [0, 0, 0, 1000 * first.x, 1000 * first.y])
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 2, start[1])
    assert told(page)["state"]["scene"] == "side by side", "a click moves nothing"
    page.mouse.move(start[0] + 64, start[1] + 32, steps=4)
    page.mouse.up()
    state = told(page)["state"]
    assert (state["scene"], state["object"]) == (OWN, 1)
    assert state["own"][5:] == [0, 0, 0, 450, 450]
    page.keyboard.press("ArrowLeft")  # the object keeps the keys
    page.keyboard.press("Shift+ArrowDown")
    assert told(page)["state"]["own"][8:] == [419, 575]
    tools.get_by_role("button", name="cross").click()
    tools.get_by_role("button", name="purple").click()
    tools.get_by_role("button", name="large").click()
    assert told(page)["state"]["own"][5:8] == [3, 4, 1]
    add = page.get_by_role("button", name="add")
    add.click()
    assert len(told(page)["state"]["own"]) == 15
    assert add.get_attribute("aria-disabled") == "true"
    add.click(force=True)
    assert len(told(page)["state"]["own"]) == 15
    said = told(page)
    figure = CaptionerView(models["recurrent"], scene=OWN, own=said["state"]["own"])
    np.testing.assert_allclose(flat(said["result"]), flat(figure.result), rtol=0, atol=1e-4)
    page.locator(".attn-object").nth(2).focus()
    page.keyboard.press("Delete")
    assert len(told(page)["state"]["own"]) == 10
    assert page.evaluate("document.activeElement.className") == "attn-object"
    page.get_by_role("button", name="clear").click()
    assert told(page)["state"]["own"] == []
    assert "add an object" in page.locator(".attn-judged").inner_text()


def test_words_are_walked_by_key_and_click_and_played(page):
    words = page.locator(".attn-written")
    count = words.count()
    page.locator(".attn-drawing").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert told(page)["focus"] in ([0, 0], [0, 1])
    words.nth(count - 1).click()
    assert told(page)["focus"] == [0, count - 1]
    page.keyboard.press("ArrowLeft")
    assert told(page)["focus"] == [0, count - 2]
    place = "[...document.querySelectorAll('.attn-written')].indexOf(document.activeElement)"
    assert page.evaluate(place) == count - 2, "the keys go with the word"
    assert page.locator(".attn-count").last.text_content() == str(count - 1)
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("button", name="play").click()
    assert told(page)["focus"] == [0, count - 1]
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_role("button", name="play").click()
    assert told(page)["focus"] == [0, 0]
    page.wait_for_function("JSON.parse(figure.dataset.focus)[1] === 1", timeout=5000)
    page.get_by_role("button", name="pause").click()
    page.locator("summary").click()
    page.locator("table").nth(1).wait_for()


def test_the_scene_changes_in_under_a_tenth_of_a_second(page):
    took = page.evaluate("""async () => {
      const times = [];
      for (let x = 200; x < 400; x += 20) {
        const start = performance.now(), before = figure.dataset.draws;
        model.set("scene", "your own");
        model.set("own", [0, 0, 0, x, 500]);
        while (figure.dataset.draws === before) await new Promise(requestAnimationFrame);
        times.push(performance.now() - start);
      }
      return Math.min(...times);  // the machine may be busy
    }""")
    assert took < 100
