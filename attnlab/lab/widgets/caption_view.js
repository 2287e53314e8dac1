// A captioner at work: a picture that the reader draws, the caption that a model writes of it, where each
// word looked, and the gaze from word to word. The model runs in the page.

import {captionPanel} from "./caption_panel.js";
import {element, isolated, number, shape} from "./drawing.js";
import {rendering} from "./frame.js";
import {sharesOf} from "./inference.js";
import {captioner} from "./picture_captions.js";
import {coveredOver, drawnScene, objectAt, placed, squareAround} from "./scene_drawing.js";
import {nudged, sceneOf, withObject, without} from "./scene_edits.js";
import {sceneTools} from "./scene_tools.js";
import {massOn, nameOf, spokenOf} from "./scene_words.js";
import {modelFor} from "./weights.js";
import {greedy} from "./writing.js";

// What the controls are set to, and all numbers that follow from it; without a model there is only the picture.
export function compute(get, _before, captioners) {
  const state = {};
  for (const name of ["scene", "own", "decoder", "look", "cover", "object"])
    state[name] = get(name);
  const {kinds, objects, chosen} = sceneOf(get);
  const picture = drawnScene(objects, kinds, kinds.side);
  const square =
    state.cover && chosen >= 0 ? squareAround(objects[chosen], kinds, kinds.side) : null;
  const seen = square ? coveredOver(picture, square, kinds.background) : picture;
  const shown = {state, kinds, objects, chosen, square, seen};
  if (!captioners) return {...shown, words: [], before: [], waits: true, result: []};
  const model = captioners[state.decoder];
  const before = square ? greedy(model, picture, get("request")).tokens : [];
  return {...shown, ...readings(get, greedy(model, seen, get("request")), before)};
}

// What is shown of a caption: its words, their weights as `look` says, the gaze, the probabilities.
function readings(get, {tokens, logits, weights}, before) {
  const vocabulary = get("vocabulary");
  const look = get("looks").indexOf(get("look")) - 1; // -1 is the mean
  const rows = weights.map((heads) => lookedBy(heads, look));
  const chances = logits.map((scores) => Array.from(sharesOf(scores)));
  const sure = tokens.map((token, step) => chances[step][token]);
  const gaze = rows.map((row) => centreOf(row));
  return {
    words: tokens.map((token) => vocabulary[token]),
    before: before.map((token) => vocabulary[token]),
    ended: tokens.at(-1) === get("request").end,
    tokens,
    rows,
    gaze,
    chances,
    sure,
    lacks: look >= weights[0].length, // this decoder has no such head
    result: [tokens, before, rows, gaze, sure],
  };
}

// The weights of one head, or the mean of all where there is no such head.
export function lookedBy(heads, look) {
  if (look >= 0 && look < heads.length) return Array.from(heads[look]);
  return Array.from(heads[0], (_, cell) =>
    heads.reduce((sum, row) => sum + row[cell] / heads.length, 0),
  );
}

// The centre of mass [row, column] of weights over the cells of a square grid.
export function centreOf(weights) {
  const side = Math.sqrt(weights.length);
  return weights.reduce(
    ([row, column], weight, cell) => [
      row + weight * Math.floor(cell / side),
      column + weight * (cell % side),
    ],
    [0, 0],
  );
}

const modelsOf = (get) => {
  const [name, ...names] = get("decoders");
  const others = get("others").map((model, i) => [names[i], {model, tensors: model.tensors}]);
  return [[name, {model: get("model"), tensors: get("tensors")}], ...others];
};

// The models by their names, each with its weights.
export async function ready({get, model: comm}) {
  const every = await Promise.all(
    modelsOf(get).map(async ([name, own]) => {
      const {tensors, config} = await modelFor((trait) => own[trait], comm);
      return [name, captioner(tensors, config)];
    }),
  );
  return Object.fromEntries(every);
}

function layout(frame) {
  const {room, lecture, drawing, svg, get} = frame;
  const {side} = get("kinds");
  const most = lecture ? 12 : 10; // pixels of the screen for one of the picture
  const scale = Math.max(Math.min(most, Math.floor(room / side)), 4);
  const size = scale * side;
  const canvas = (pixels, name) => {
    const made = element("canvas", {width: pixels, height: pixels, class: name});
    Object.assign(made.style, {left: 0, top: 0, width: `${size}px`, height: `${size}px`});
    drawing.insertBefore(made, svg);
    return made;
  };
  const place = {
    size,
    width: size,
    height: size,
    picture: canvas(side, "attn-scene"),
    looks: canvas(get("kinds").grid, "attn-gazed"),
    marks: shape("g"),
    buttons: element("div", {class: "attn-objects"}),
  };
  svg.append(place.marks);
  drawing.append(place.buttons);
  return place;
}

function paintPicture({picture: canvas}, {width, height, data}) {
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  const count = width * height;
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < 3; channel++)
      image.data[4 * pixel + channel] = Math.round(255 * data[channel * count + pixel]);
    image.data[4 * pixel + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
}

// The weights over the picture: the more, the darker; the same weight looks the same in every picture.
function paintLooks({looks: canvas}, weights) {
  const pen = canvas.getContext("2d");
  const {width: side} = canvas;
  pen.clearRect(0, 0, side, side);
  pen.fillStyle = getComputedStyle(canvas).getPropertyValue("--attn-much");
  weights?.forEach((weight, cell) => {
    pen.globalAlpha = veil(weight);
    pen.fillRect(cell % side, Math.floor(cell / side), 1, 1);
  });
}

export const veil = (weight) => 0.7 * Math.sqrt(weight);

const squareShape = ([top, bottom, left, right], unit, attributes) =>
  shape("rect", {
    x: left * unit,
    y: top * unit,
    width: (right - left) * unit,
    height: (bottom - top) * unit,
    ...attributes,
  });

// What lies over the picture: the square that covers, the object that is chosen, the cell that is looked at
// most, and the way of the gaze up to this word.
function mark(frame, step) {
  const {shown, place, get} = frame;
  const {objects, chosen, square, kinds, rows, gaze} = shown;
  const {marks, size} = place;
  const pixel = size / kinds.side;
  marks.replaceChildren();
  objects.forEach((object) =>
    marks.append(
      squareShape(squareAround(object, kinds, kinds.side), pixel, {class: "attn-grab attn-hold"}),
    ),
  );
  if (square) marks.append(squareShape(square, pixel, {class: "attn-covered"}));
  if (chosen >= 0) marks.append(corners(squareAround(objects[chosen], kinds, kinds.side), pixel));
  if (!rows?.length) return;
  const cell = size / get("kinds").grid;
  const most = rows[step].indexOf(Math.max(...rows[step]));
  const [row, column] = [Math.floor(most / get("kinds").grid), most % get("kinds").grid];
  marks.append(squareShape([row, row + 1, column, column + 1], cell, {class: "attn-most"}));
  marks.append(wayOfGaze(gaze.slice(0, step + 1), cell, frame.size));
}

// The four corners of what is chosen.
function corners([top, bottom, left, right], pixel) {
  const [x, y, wide, high] = [left, top, right - left, bottom - top].map((n) => n * pixel);
  const arm = 8;
  const d = [
    [x, y, 1, 1],
    [x + wide, y, -1, 1],
    [x, y + high, 1, -1],
    [x + wide, y + high, -1, -1],
  ].map(
    ([atX, atY, right, down]) =>
      `M${atX + arm * right} ${atY}L${atX} ${atY}L${atX} ${atY + arm * down}`,
  );
  return shape("path", {class: "attn-corners", d: d.join("")});
}

// Where the gaze rests, as { from, to, at }: steps that follow one another at nearly the same place are
// one rest, in their middle.
export function fixations(gaze, near = 0.6) {
  const rests = [];
  gaze.forEach(([row, column], step) => {
    const last = rests.at(-1);
    if (!last || Math.hypot(row - last.at[0], column - last.at[1]) >= near) {
      rests.push({from: step, to: step, at: [row, column]});
      return;
    }
    const count = step - last.from;
    last.at = [row, column].map((place, i) => (count * last.at[i] + place) / (count + 1));
    last.to = step;
  });
  return rests;
}

// The path of the gaze, with numbers where it rested before, and where it is now.
function wayOfGaze(gaze, cell, letters) {
  const group = shape("g");
  const spot = ([row, column]) => [(column + 0.5) * cell, (row + 0.5) * cell];
  const [before, now] = [fixations(gaze.slice(0, -1)), gaze.at(-1)];
  const way = [...before.map(({at}) => at), now].map((at) => spot(at).map((n) => n.toFixed(1)));
  for (const kind of ["attn-saccade attn-under-it", "attn-saccade"])
    group.append(shape("polyline", {class: kind, points: way.join(" ")}));
  for (const {from, to, at} of before) {
    const text = from === to ? `${from + 1}` : `${from + 1}–${to + 1}`;
    group.append(...numbered(spot(at), text, 0.62 * letters, ""));
  }
  group.append(...numbered(spot(now), String(gaze.length), 0.85 * letters, " attn-at-now"));
  return group;
}

// A disc with a number in it, or a longer one with two.
function numbered([x, y], text, radius, more) {
  const half = radius + Math.max(text.length - 2, 0) * 0.34 * radius;
  const disc = {x: x - half, width: 2 * half, y: y - radius, height: 2 * radius, rx: radius};
  const at = {x, y, dy: "0.35em", "text-anchor": "middle"};
  return [
    shape("rect", {class: `attn-fixation${more}`, ...disc}),
    shape("text", {class: `attn-count${more}`, ...at}, text),
  ];
}

// The word in focus, within what is written; the last of the caption if none is.
export const stepOf = ({words, ended}, focus) =>
  Math.min(focus.length ? focus[1] : words.length - (ended ? 2 : 1), words.length - 1);

function draw(frame, focus) {
  const {shown, place} = frame;
  const step = Math.max(stepOf(shown, focus), 0);
  frame.step = step;
  paintPicture(place, shown.seen);
  paintLooks(place, shown.rows?.[step]);
  mark(frame, step);
  const things = shown.objects.map(nameOf);
  const label = `A picture of ${things.length ? things.join(", ") : "nothing"}${shown.square ? `; ${things[shown.chosen]} is covered` : ""}. Left and right walk along the caption, Shift and an arrow key moves ${things[shown.chosen] ?? "nothing"}.`;
  if (shown.waits) return {status: "The model is being fetched.", label};
  return {status: told(shown, step), label};
}

const sentenceOf = (words) => words.filter((word) => word !== "<end>").join(" ");

// "“a small red circle”. “red” (0.98) has 0.83 of its weight on the small red circle, 6 of 64 regions."
export function told(shown, step) {
  const {words, rows, sure, ended, lacks, objects, kinds} = shown;
  const weights = rows[step];
  const word = ended && step === words.length - 1 ? "The end" : `“${isolated(words[step])}”`;
  const index = spokenOf(words, step, objects);
  const {share, cells} = index < 0 ? {} : massOn(weights, objects, kinds, index);
  const named =
    index < 0
      ? `looks most at ${placeOf(weights, kinds.grid)}`
      : `has ${number(share)} of its weight on ${nameOf(objects[index]).replace("a", "the")}, ${cells} of ${weights.length} regions`;
  const mean = lacks ? " This decoder has one head." : "";
  return `“${sentenceOf(words)}”${afterCovering(shown)}. ${word} (${number(sure[step])}) ${named}.${mean}`;
}

function placeOf(weights, side) {
  const most = weights.indexOf(Math.max(...weights));
  return `row ${Math.floor(most / side) + 1}, column ${(most % side) + 1}, ${number(weights[most])}`;
}

function afterCovering({square, words, before}) {
  if (!square) return "";
  const same = sentenceOf(before) === sentenceOf(words);
  return same ? ", as without the cover" : `; without the cover, “${sentenceOf(before)}”`;
}

function grab(frame, x, y) {
  const {get, place} = frame;
  const {kinds, objects} = sceneOf(get);
  const [across, down] = [x / place.size, y / place.size];
  const index = objectAt(objects, kinds, kinds.side, across, down);
  if (index < 0) return null;
  const held = objects[index];
  let moves = false;
  frame.set({object: index});
  frame.held = index;
  return (toX, toY) => {
    moves ||= Math.hypot(toX - x, toY - y) > 3;
    if (!moves) return {};
    const [right, below] = [toX / place.size - across, toY / place.size - down];
    return withObject(sceneOf(get), index, placed(held, kinds, held.x + right, held.y + below));
  };
}

// Shift and an arrow key moves the object that is chosen, Delete takes it away.
function press({get}, {key, shiftKey}) {
  const scene = sceneOf(get);
  if (shiftKey) return nudged(scene, scene.chosen, key);
  const gone = ["Delete", "Backspace"].includes(key) && scene.chosen >= 0;
  return gone ? without(scene, scene.chosen) : null;
}

const places = (rows) =>
  rows[0].map((_, cell) => {
    const side = Math.sqrt(rows[0].length);
    return `${Math.floor(cell / side) + 1}, ${(cell % side) + 1}`;
  });

function tables({words, rows, gaze, sure, waits}) {
  if (waits) return [];
  return [
    {
      caption: "where each word looked: its probability, the centre of its gaze",
      corner: "word",
      rows: words,
      columns: ["probability", "row", "column"],
      values: words.map((_, i) =>
        [sure[i], gaze[i][0] + 1, gaze[i][1] + 1].map((value) => value.toFixed(3)),
      ),
    },
    {
      caption: "weights of the cells: row, column",
      corner: "word",
      rows: words,
      columns: places(rows),
      values: rows.map((row) => row.map((weight) => weight.toFixed(3))),
    },
  ];
}

export default {
  render: rendering({
    name: "captioner",
    role: "group",
    walks: "attn-written",
    ready,
    synced: ["names", "scenes", "scene", "own", "decoder", "look", "cover", "object", "focus"],
    rebuild: [],
    compute,
    above: (frame) => [sceneTools(frame), captionPanel(frame)],
    layout,
    draw,
    grab,
    press,
    keeps: ({room}) => ({status: room < 480 ? 5 : room < 700 ? 3 : 2, work: 0}),
    cells: ({words}) => [1, Math.max(words.length, 1)],
    at: () => null,
    tables,
  }),
};
