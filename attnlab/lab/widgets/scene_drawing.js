// Scenes of coloured shapes, drawn by a formula: the very numbers of attnlab.tasks.draw_scene.
// An object is { shape, colour, size, x, y }, its middle from 0 to 1; a scene is a list of them. `kinds` is
// { shapes: [name], colours: [[name, [red, green, blue]]], sizes: [[name, radius]], background }.

// A scene as five whole numbers for each object: the places of its shape, colour and size in `kinds`, and
// its middle in thousandths. A link may name others: what is no object is left out, or moved inside.
export function objectsOf(numbers, kinds) {
  const {shapes, colours, sizes, most} = kinds;
  const rows = Array.from({length: most}, (_, i) => numbers.slice(5 * i, 5 * i + 5));
  return rows
    .filter(
      ([shape, colour, size, , y]) => shapes[shape] && colours[colour] && sizes[size] && y >= 0,
    )
    .map(([shape, colour, size, x, y]) => {
      const words = {shape: shapes[shape], colour: colours[colour][0], size: sizes[size][0]};
      return placed(words, kinds, x / 1000, y / 1000);
    });
}

export function numbersOf(objects, {shapes, colours, sizes}) {
  const place = (list, word) => list.findIndex(([name]) => name === word);
  return objects.flatMap(({shape, colour, size, x, y}) => [
    shapes.indexOf(shape),
    place(colours, colour),
    place(sizes, size),
    Math.round(1000 * x),
    Math.round(1000 * y),
  ]);
}

const entryOf = (list, word) => list.find(([name]) => name === word)[1];
export const radiusOf = ({size}, {sizes}) => entryOf(sizes, size);

// How far a pixel lies from the edge, inside below 0, if its middle is so far right and down of the object's.
const DISTANCES = {
  circle: (x, y, r) => Math.sqrt(x * x + y * y) - r,
  square: (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) - 0.88 * r,
  cross: (x, y, r) => {
    const [wide, high] = [Math.abs(x), Math.abs(y)];
    return Math.min(Math.max(wide - r, high - r / 3), Math.max(wide - r / 3, high - r));
  },
  triangle(x, y, r) {
    const high = (Math.sqrt(3) / 2) * r;
    return Math.max(y - high, (Math.sqrt(3) * Math.abs(x) - y - high) / 2);
  },
};

const coverOf = (object, kinds, side, column, row) => {
  const distance = DISTANCES[object.shape](
    column + 0.5 - object.x * side,
    row + 0.5 - object.y * side,
    radiusOf(object, kinds) * side,
  );
  return Math.min(Math.max(0.5 - distance, 0), 1);
};

// How much of each pixel shows each object, what covers it taken off: a list of numbers for each object.
export function shownObjects(objects, kinds, side) {
  const free = new Float64Array(side * side).fill(1);
  const shown = [];
  for (const object of [...objects].reverse()) {
    const part = new Float64Array(side * side);
    for (let pixel = 0; pixel < part.length; pixel++) {
      const cover = coverOf(object, kinds, side, pixel % side, Math.floor(pixel / side));
      part[pixel] = cover * free[pixel];
      free[pixel] *= 1 - cover;
    }
    shown.unshift(part);
  }
  return shown;
}

// The picture { channels, height, width, data }, its channels first.
export function drawnScene(objects, kinds, side) {
  const shown = shownObjects(objects, kinds, side);
  const colours = objects.map(({colour}) => entryOf(kinds.colours, colour));
  const count = side * side;
  const data = new Float64Array(3 * count);
  for (let pixel = 0; pixel < count; pixel++) {
    const free = 1 - shown.reduce((sum, part) => sum + part[pixel], 0);
    for (let channel = 0; channel < 3; channel++)
      data[channel * count + pixel] = shown.reduce(
        (sum, part, k) => sum + colours[k][channel] * part[pixel],
        kinds.background[channel] * free,
      );
  }
  return {channels: 3, height: side, width: side, data};
}

// The pixels of the square around an object: [first row, end, first column, end].
export function squareAround({x, y, ...object}, kinds, side) {
  const radius = radiusOf(object, kinds);
  return [y, x].flatMap((at) => [
    Math.max(0, Math.floor((at - radius) * side)),
    Math.min(Math.ceil((at + radius) * side), side),
  ]);
}

// A copy of the picture with background on these pixels.
export function coveredOver({data, ...picture}, [top, bottom, left, right], background) {
  const {width, height} = picture;
  const covered = data.slice();
  background.forEach((value, channel) => {
    for (let row = top; row < bottom; row++) {
      const from = (channel * height + row) * width;
      covered.fill(value, from + left, from + right);
    }
  });
  return {...picture, data: covered};
}

// The object in front at this place, from 0 to 1; -1 where there is none.
export const objectAt = (objects, kinds, side, x, y) =>
  objects.findLastIndex(
    (object) => coverOf(object, kinds, side, x * side - 0.5, y * side - 0.5) > 0.25,
  );

// The nearest place at which an object lies whole within the picture.
export function placed(object, kinds, x, y) {
  const radius = radiusOf(object, kinds);
  const inside = (at) => Number(Math.min(Math.max(at, radius), 1 - radius).toFixed(3));
  return {...object, x: inside(x), y: inside(y)};
}

// Where there is most room for an object beside the others, of places on a grid.
export function freePlace(object, objects, kinds) {
  const marks = [0.5, 0.25, 0.75];
  const places = marks.flatMap((y) => marks.map((x) => placed(object, kinds, x, y)));
  const room = ({x, y}) => Math.min(2, ...objects.map((o) => Math.hypot(o.x - x, o.y - y)));
  const most = Math.max(...places.map(room));
  return places.find((place) => room(place) === most);
}
