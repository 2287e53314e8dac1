// The geometry of points in a plane: hulls, projections, ranges of axes, and room for labels.

// Above 0 where a, b, c turn to the left.
const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

// The corners of the smallest convex polygon round these points (Andrew 1979, the monotone chain).
export function hull(points) {
  const ordered = points
    .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
    .filter(([x, y], i, all) => !i || x !== all[i - 1][0] || y !== all[i - 1][1]);
  const half = (ends) => {
    const chain = [];
    for (const point of ends) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  const corners = [...half(ordered), ...half(ordered.toReversed())];
  return corners.length ? corners : ordered.slice(0, 1);
}

// Where the perpendicular from a point meets the line through the origin and `direction`.
export function foot([x, y], [across, up]) {
  const squared = across * across + up * up;
  if (squared === 0) return [0, 0];
  const along = (x * across + y * up) / squared;
  return [along * across, along * up];
}

// A round number near this one from above: 1, 2 or 5 times a power of ten.
export function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9));
}

// Round ends for two axes on which these points and the origin stand, with room round them.
export function ends(points) {
  const axes = [0, 1].map((axis) => points.map((point) => point[axis]).concat(0));
  const spans = axes.map((values) => Math.max(...values) - Math.min(...values));
  const step = roundStep((Math.max(...spans) || 1) / 5);
  return {
    step,
    axes: axes.map((values) => [
      step * Math.floor(Math.min(...values) / step - 0.4),
      step * Math.ceil(Math.max(...values) / step + 0.4),
    ]),
  };
}

// The ends of a moment ago as long as they will do, so that nothing shifts under a hand. What they
// show may be more than was asked for: `seen` are the ends of that.
export function steadyEnds(points, before) {
  const wanted = ends(points);
  if (!before) return wanted;
  const {axes, seen = axes} = before;
  const span = (ranges) => Math.max(...ranges.map(([low, high]) => high - low));
  const inside = ([low, high], axis) =>
    points.every((point) => low <= point[axis] && point[axis] <= high);
  return seen.every(inside) && span(axes) <= 2 * span(wanted.axes) ? before : wanted;
}

// The piece of the line through [x, y] in this direction that lies in a box: its two ends.
export function within({left, right, top, bottom}, [x, y], [across, down]) {
  const times = [
    [left - x, right - x, across],
    [top - y, bottom - y, down],
  ].map(([low, high, step]) =>
    step ? [low / step, high / step].toSorted((a, b) => a - b) : [-Infinity, Infinity],
  );
  const [first, last] = [
    Math.max(...times.map(([low]) => low)),
    Math.min(...times.map(([, high]) => high)),
  ];
  return [first, last].map((time) => [x + time * across, y + time * down]);
}

const overlap = (a, b) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

// Where labels stand beside their points so that they cover neither one another nor what is taken.
//   labels     { x, y, width, height, gap }: the point, the size of its text, how far away it stands
//   taken      boxes { left, right, top, bottom } that are to stay free
//   bounds     the box in which all labels stand
export function placeLabels(labels, taken, bounds) {
  const boxes = [...taken];
  return labels.map((label) => {
    const tried = around(label).map((box) => {
      const outside = label.width * label.height - overlap(box, bounds);
      return [2 * outside + boxes.reduce((sum, other) => sum + overlap(box, other), 0), box];
    });
    const [, best] = tried.reduce((least, each) => (each[0] < least[0] - 1e-9 ? each : least));
    boxes.push(best);
    return best;
  });
}

// The places for a label, the best first: right, left, above, below, and between these.
function around({x, y, width, height, gap}) {
  const near = gap * 0.8;
  const box = (left, top) => ({left, top, right: left + width, bottom: top + height});
  const middle = [x - width / 2, y - height / 2];
  return [
    box(x + gap, middle[1]),
    box(x + near, y - near - height),
    box(middle[0], y - gap - height),
    box(x - gap - width, middle[1]),
    box(x - near - width, y - near - height),
    box(middle[0], y + gap),
    box(x + near, y + near),
    box(x - near - width, y + near),
  ];
}
