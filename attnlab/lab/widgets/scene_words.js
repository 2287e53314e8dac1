// What is said of a scene, and where in the picture that is, as attnlab.tasks.captions_of and gold_regions have it.

import {radiusOf, shownObjects} from "./scene_drawing.js";

export const nameOf = ({size, colour, shape: kind}) => `a ${size} ${colour} ${kind}`;

// How one object lies to another: along the way on which they are further apart.
function relationOf(first, second) {
  const [right, down] = [second.x - first.x, second.y - first.y];
  if (Math.abs(right) >= Math.abs(down)) return right > 0 ? "left of" : "right of";
  return down > 0 ? "above" : "below";
}

// All captions that are right; the first is the one that a captioner is trained on.
export function rightCaptions(objects, kinds) {
  const radius = (object) => radiusOf(object, kinds);
  const ordered = [...objects].sort((a, b) => radius(b) - radius(a) || a.x - b.x);
  if (ordered.length < 2) return ordered.map(nameOf);
  return ordered.flatMap((first) =>
    ordered
      .filter((second) => second !== first)
      .map((second) => `${nameOf(first)} ${relationOf(first, second)} ${nameOf(second)}`),
  );
}

// The object that a word of a caption speaks of, by its place; -1 for "a", "left" and so on, or where there is none.
export function spokenOf(words, step, objects) {
  const start = words.slice(0, step).lastIndexOf("a");
  if (start < 0 || step > start + 3) return -1;
  return objects.findIndex((object) => nameOf(object) === words.slice(start, start + 4).join(" "));
}

// Which cells of a grid show an object for more than half in at least one pixel.
export function cellsOf(objects, kinds, index, grid) {
  const {side} = kinds;
  const part = shownObjects(objects, kinds, side)[index];
  const inside = new Array(grid * grid).fill(false);
  part.forEach((share, pixel) => {
    const at = (place) => Math.floor((place * grid) / side);
    if (share > 0.5) inside[at(Math.floor(pixel / side)) * grid + at(pixel % side)] = true;
  });
  return inside;
}

// How much of the weights of a word lies on an object: { share, cells }.
export function massOn(weights, objects, kinds, index) {
  const inside = cellsOf(objects, kinds, index, kinds.grid);
  return {
    share: weights.reduce((sum, weight, cell) => sum + (inside[cell] ? weight : 0), 0),
    cells: inside.filter(Boolean).length,
  };
}
