// What a scene is made with: buttons that give the chosen object another shape, colour or size, that add one
// and take one away; and, over the picture, a button for each object, which the arrow keys move.

import {element} from "./drawing.js";
import {drawnScene, freePlace, placed} from "./scene_drawing.js";
import {edited, nudged, sceneOf, withObject, without} from "./scene_edits.js";
import {nameOf} from "./scene_words.js";

const ICON = 40; // pixels of a small picture on a button

export function sceneTools(frame) {
  const kinds = frame.get("kinds");
  const root = element("div", {class: "attn-scene-tools"});
  const brush = {shape: kinds.shapes[0], colour: kinds.colours[0][0], size: kinds.sizes.at(-1)[0]};
  const groups = [
    choiceOf("shape", kinds.shapes, (button, word) => button.append(iconOf(kinds, word))),
    choiceOf(
      "colour",
      kinds.colours.map(([name]) => name),
      (button, word) => button.append(swatchOf(kinds, word)),
    ),
    choiceOf(
      "size",
      kinds.sizes.map(([name]) => name),
      (button, word) => button.append(word),
    ),
  ];
  const more = action("add", () => {
    const scene = sceneOf(frame.get);
    const {objects} = scene;
    return objects.length < kinds.most
      ? edited(scene, [...objects, another(scene, brush)], objects.length)
      : {};
  });
  const less = action("remove", () => {
    const scene = sceneOf(frame.get);
    return scene.chosen < 0 ? {} : without(scene, scene.chosen);
  });
  const clear = action("clear", () => edited(sceneOf(frame.get), [], 0));
  const actions = element("div", {
    class: "attn-scene-group",
    role: "group",
    "aria-label": "objects",
  });
  actions.append(more, less, clear);
  root.append(...groups.map(({group}) => group), actions);
  root.addEventListener("keydown", (event) => event.stopPropagation());
  frame.drawing.addEventListener("pointerup", () => {
    if (frame.held >= 0) frame.place.buttons.children[frame.held]?.focus({preventScroll: true});
    frame.held = -1;
  });

  function action(text, traits) {
    const button = element("button", {type: "button"}, text);
    button.addEventListener("click", () => frame.set(traits()));
    return button;
  }

  // A button for each word that a trait of an object may be.
  function choiceOf(trait, words, dress) {
    const group = element("div", {class: "attn-scene-group", role: "group", "aria-label": trait});
    const buttons = words.map((word) => {
      const button = element("button", {
        type: "button",
        class: "attn-scene-tool",
        "aria-label": word,
        title: word,
      });
      dress(button, word);
      button.addEventListener("click", () => give({[trait]: word}));
      return button;
    });
    group.append(...buttons);
    return {
      group,
      press: (word) =>
        words.forEach((each, i) => buttons[i].setAttribute("aria-pressed", String(each === word))),
    };
  }

  function give(change) {
    Object.assign(brush, change);
    const scene = sceneOf(frame.get);
    const object = scene.objects[scene.chosen];
    if (!object) return draw();
    const changed = placed({...object, ...change}, kinds, object.x, object.y);
    return frame.set(withObject(scene, scene.chosen, changed));
  }

  function draw() {
    const {objects, chosen} = frame.shown;
    const {shape: kind, colour, size} = objects[chosen] ?? brush;
    Object.assign(brush, {shape: kind, colour, size});
    groups.forEach(({press}, i) => press([kind, colour, size][i]));
    more.setAttribute("aria-disabled", objects.length >= kinds.most);
    more.title = objects.length >= kinds.most ? `a scene has at most ${kinds.most} objects` : "";
    for (const button of [less, clear]) button.setAttribute("aria-disabled", !objects.length);
    followObjects(frame);
  }
  return {root, draw};
}

// The first object is what the buttons say; a further one has the next shape and colour, so that they differ.
function another({objects, kinds}, brush) {
  const after = (list, word) => list[(list.indexOf(word) + 1) % list.length];
  const colours = kinds.colours.map(([name]) => name);
  const next = objects.length
    ? {...brush, shape: after(kinds.shapes, brush.shape), colour: after(colours, brush.colour)}
    : {...brush};
  return freePlace(next, objects, kinds);
}

// A button for each object, over it.
function followObjects(frame) {
  const {
    shown: {objects, chosen},
    place: {buttons, size},
  } = frame;
  const had = [...buttons.children].indexOf(document.activeElement);
  while (buttons.children.length > objects.length) buttons.lastChild.remove();
  while (buttons.children.length < objects.length)
    buttons.append(objectButton(frame, buttons.children.length));
  if (had >= objects.length) (buttons.lastChild ?? frame.drawing).focus({preventScroll: true});
  objects.forEach((object, i) => {
    const button = buttons.children[i];
    Object.assign(button.style, {left: `${object.x * size}px`, top: `${object.y * size}px`});
    button.setAttribute(
      "aria-label",
      `${nameOf(object)}: an arrow key moves it, Delete takes it away`,
    );
    button.setAttribute("aria-pressed", String(i === chosen));
  });
}

function objectButton(frame, index) {
  const button = element("button", {type: "button", class: "attn-object"});
  button.addEventListener("focus", () => {
    if (frame.get("object") !== index) frame.set({object: index});
  });
  button.addEventListener("keydown", (event) => {
    const gone = ["Delete", "Backspace"].includes(event.key);
    const scene = sceneOf(frame.get);
    const steps = event.shiftKey ? 4 : 1;
    const traits = gone ? without(scene, index) : nudged(scene, index, event.key, steps);
    if (!traits) return;
    event.preventDefault();
    frame.set(traits);
  });
  return button;
}

// A shape as the pictures have it, in the colour of letters.
function iconOf(kinds, kind) {
  const bare = {colours: [["ink", [1, 1, 1]]], background: [0, 0, 0], sizes: [["icon", 0.46]]};
  const object = {shape: kind, colour: "ink", size: "icon", x: 0.5, y: 0.5};
  const {data} = drawnScene([object], {...kinds, ...bare}, ICON);
  const canvas = element("canvas", {width: ICON, height: ICON});
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(ICON, ICON);
  for (let pixel = 0; pixel < ICON * ICON; pixel++)
    image.data[4 * pixel + 3] = Math.round(255 * data[pixel]);
  pen.putImageData(image, 0, 0);
  const icon = element("span", {class: "attn-stencil"});
  icon.style.setProperty("--stencil", `url(${canvas.toDataURL()})`);
  return icon;
}

function swatchOf({colours}, word) {
  const [, rgb] = colours.find(([name]) => name === word);
  const dot = element("span", {class: "attn-swatch"});
  dot.style.background = `rgb(${rgb.map((part) => Math.round(255 * part)).join(" ")})`;
  return dot;
}
