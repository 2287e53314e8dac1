// What a reader does to a scene: each change gives the traits that are set by it, and the scene becomes their own.

import {numbersOf, objectsOf, placed} from "./scene_drawing.js";

const OWN = "your own"; // the scene that the reader draws
const STEP = 1 / 32; // by which an arrow key moves an object: a pixel
const ARROWS = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

// The scene as it is set now, which may be a frame ahead of what is drawn.
export function sceneOf(get) {
  const [kinds, place] = [get("kinds"), get("names").indexOf(get("scene"))];
  const objects = objectsOf(place < 0 ? get("own") : get("scenes")[place], kinds);
  return {kinds, objects, chosen: Math.min(get("object"), objects.length - 1)};
}

export const edited = ({kinds}, objects, object) => ({
  scene: OWN,
  own: numbersOf(objects, kinds),
  object: Math.max(Math.min(object, objects.length - 1), 0),
});

export const withObject = (shown, index, object) =>
  edited(shown, shown.objects.with(index, object), index);

export const without = (shown, index) =>
  edited(
    shown,
    shown.objects.filter((_, k) => k !== index),
    index,
  );

// The object at this place, so many steps in the direction of an arrow key.
export function nudged(shown, index, key, steps = 1) {
  const object = shown.objects[index];
  if (!object || !(key in ARROWS)) return null;
  const [right, down] = ARROWS[key].map((way) => way * steps * STEP);
  return withObject(shown, index, placed(object, shown.kinds, object.x + right, object.y + down));
}
