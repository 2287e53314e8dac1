// A grid of coloured cells with a word for each row and column, numbers where there is room for them.
// Any live figure may hold several: heatmaps, masks, embeddings, blocks of a batch.

import {element, isLight, shape, short, widest} from "./drawing.js";

// Where a grid stands, with its top left corner (labels included) at x, y, and within so much room.
//   rows, columns        { words, kind, caption }: kind is "query", "key", ... and gives the colour
//   most, least          of a cell's width: below `least` the drawing gets wider than its room, and scrolls
//   beside               false leaves the row words away, where a grid to the left has them
export function placeGrid(
  frame,
  {x = 0, y = 0, room, rows, columns, title = "", beside = true, most, least = 2},
) {
  const {size, root, lecture} = frame;
  const shorts = [rows, columns].map(({words}) => words.map((word) => short(word)));
  const wide = (words) => widest(root, words) + 8;
  const [height, width] = [rows.words.length, columns.words.length];
  const left = x + (beside ? Math.max(wide(shorts[0]), 46) + size + 4 : 0);
  const tall = lecture ? Math.max(size + 1, Math.floor(300 / height)) : Infinity; // seen at once in a room
  const largest = Math.min(most ?? (lecture ? 50 : 34), tall);
  const fit = (free) => Math.max(least, Math.min(largest, Math.floor(Math.min(free, 620) / width)));
  const free = room - (left - x) - 8;
  const tilted = wide(shorts[1]) - 4 > fit(free);
  const tail = tilted ? wide(shorts[1]) * 0.7 : 8; // how far the last label leans out
  const cell = tilted ? fit(free - tail) : fit(free);
  const above = y + (title ? size + 8 : 0);
  const top = above + size + 8 + (tilted ? wide(shorts[1]) * 0.75 + 4 : size + 6);
  return {
    x,
    y,
    above,
    left,
    top,
    cell,
    tilted,
    beside,
    title,
    size,
    rows,
    columns,
    shorts,
    count: [height, width],
    every: Math.ceil((size + 1) / cell), // label each, or every second, third ...
    spelled: Math.max(height, width) <= 12 && cell >= (lecture ? 2 * size : 24),
    right: left + cell * width + tail,
    bottom: top + cell * height,
  };
}

// The still parts of a grid: labels, lines, frame, and the empty places of numbers and hatching.
export function layGrid(frame, grid) {
  const {left, top, cell, every, size, rows, columns, shorts, count, above} = grid;
  const [height, width] = count;
  const {svg, drawing} = frame;
  grid.canvas = element("canvas", {width, height});
  Object.assign(grid.canvas.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${cell * width}px`,
    height: `${cell * height}px`,
  });
  drawing.insertBefore(grid.canvas, svg);
  const middle = (i) => (i + 0.5) * cell;
  const label = (text, attributes, full) => {
    const made = shape("text", attributes, text);
    if (full !== text) made.append(shape("title", {}, full));
    svg.append(made);
  };
  if (grid.title)
    svg.append(shape("text", {class: "attn-title", x: left, y: grid.y + size}, grid.title));
  if (grid.beside) {
    shorts[0].forEach(
      (word, i) =>
        i % every === 0 &&
        label(
          word,
          {
            class: `attn-${rows.kind}`,
            "text-anchor": "end",
            x: left - 6,
            y: top + middle(i),
            dy: "0.35em",
          },
          rows.words[i],
        ),
    );
    svg.append(
      shape(
        "text",
        {
          class: `attn-caption attn-${rows.kind}`,
          "text-anchor": "end",
          transform: `translate(${grid.x + size} ${top}) rotate(-90)`,
          x: 0,
          y: 0,
        },
        `← ${rows.caption}`,
      ),
    );
  }
  shorts[1].forEach((word, i) => {
    if (i % every) return;
    const [x, y] = [left + middle(i), top - 7];
    label(
      word,
      {
        class: `attn-${columns.kind}`,
        x,
        y,
        "text-anchor": grid.tilted ? "start" : "middle",
        transform: grid.tilted ? `rotate(-48 ${x} ${y})` : "",
      },
      columns.words[i],
    );
  });
  svg.append(
    shape(
      "text",
      {class: `attn-caption attn-${columns.kind}`, x: left, y: above + size},
      `${columns.caption} →`,
    ),
  );
  const lines = [];
  if (cell >= 10) {
    for (let i = 1; i < width; i++) lines.push(`M${left + i * cell} ${top}v${cell * height}`);
    for (let i = 1; i < height; i++) lines.push(`M${left} ${top + i * cell}h${cell * width}`);
  }
  grid.hatch = shape("path", frame.hatched);
  grid.numbers = shape("g", {class: "attn-numbers"});
  grid.ring = shape("g", {class: "attn-ring"});
  svg.append(
    shape("path", {class: "attn-lines", d: lines.join("")}),
    grid.hatch,
    shape("rect", {
      class: "attn-frame",
      x: left,
      y: top,
      width: cell * width,
      height: cell * height,
    }),
    grid.numbers,
    grid.ring,
  );
  for (let i = 0; grid.spelled && i < height * width; i++) {
    grid.numbers.append(
      shape("text", {
        "text-anchor": "middle",
        dy: "0.35em",
        x: left + middle(i % width),
        y: top + middle(Math.floor(i / width)),
      }),
    );
  }
  return grid;
}

// Colours and numbers of the cells.
//   values               rows of numbers
//   allowed              rows of booleans: what is not allowed is hatched; all where it is left out
//   colours, low, high   256 colours, and the values that the first and the last stand for
//   write                value -> text of its cell
//   faded                (row, column) -> whether to paint it pale, as what is not spoken of now
export function paintGrid(grid, {values, allowed, colours, low = 0, high = 1, write, faded}) {
  const {
    left,
    top,
    cell,
    count: [height, width],
    canvas,
  } = grid;
  const image = new ImageData(width, height);
  const {data} = image; // bytes, four a cell
  const place = (value) =>
    Math.min(255, Math.max(0, Math.round((255 * (value - low)) / (high - low))));
  const nothing = colours[place(0)];
  const pales =
    faded &&
    colours.map((colour) => colour.map((part, i) => Math.round(0.3 * part + 0.7 * nothing[i])));
  const colour = (value, i, j) => (faded?.(i, j) ? pales : colours)[place(value)];
  const paint = (i, j, [red, green, blue]) => {
    const at = 4 * (i * width + j);
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = 255;
  };
  const open = (i, j) => !allowed || allowed[i][j];
  const blocks = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      paint(i, j, colour(open(i, j) ? values[i][j] : 0, i, j));
      if (open(i, j)) continue;
      const start = j;
      while (j + 1 < width && !open(i, j + 1)) {
        j++;
        paint(i, j, nothing);
      }
      blocks.push(
        `M${left + start * cell} ${top + i * cell}h${(j - start + 1) * cell}v${cell}H${left + start * cell}z`,
      );
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  grid.hatch.setAttribute("d", blocks.join(""));
  Array.from(grid.numbers.children).forEach((text, index) => {
    const [i, j] = [Math.floor(index / width), index % width];
    text.textContent = open(i, j) ? write(values[i][j], i, j) : "";
    text.setAttribute("class", isLight(colour(values[i][j], i, j)) ? "attn-black" : "attn-white");
  });
}

// Rings round one row and one cell of it; nothing where there is no focus.
export function ringGrid(grid, focus) {
  grid.ring.replaceChildren();
  if (!focus.length) return;
  const {left, top, cell, count} = grid;
  const [row, column] = focus;
  grid.ring.append(
    shape("rect", {
      class: "attn-row",
      x: left,
      y: top + row * cell,
      width: cell * count[1],
      height: cell,
    }),
    shape("rect", {
      class: "attn-cell",
      x: left + column * cell,
      y: top + row * cell,
      width: cell,
      height: cell,
    }),
  );
}

// The cell under a point of the drawing, or null.
export function cellAt({left, top, cell, count: [height, width]}, x, y) {
  const [row, column] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)];
  return row >= 0 && row < height && column >= 0 && column < width ? [row, column] : null;
}
