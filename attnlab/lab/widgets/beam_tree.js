// The beam: every beginning of some texts, as high as it is probable, and which of them a search keeps.

import {isolated, number, shape, short, widest} from "./drawing.js";
import {rendering} from "./frame.js";

const END = "<end>";

// The tree of all beginnings. Each has its word, chance, step (0 is the root), parent, children, and
// where it stands: `from`, what stands above it of the whole 1.
export function treeOf(texts, chances) {
  const nodes = [{id: 0, word: "", chance: 0, step: 0, parent: null, children: []}];
  const leaves = texts.map((text, place) => {
    let node = nodes[0];
    node.chance += chances[place];
    for (const word of [...text.split(" "), END]) {
      let next = node.children.map((child) => nodes[child]).find((child) => child.word === word);
      if (!next) {
        next = {
          id: nodes.length,
          word,
          chance: 0,
          step: node.step + 1,
          parent: node.id,
          children: [],
        };
        nodes.push(next);
        node.children.push(next.id);
      }
      next.chance += chances[place];
      node = next;
    }
    return node.id;
  });
  const put = (id, from) => {
    nodes[id].from = from;
    nodes[id].children.reduce((at, child) => {
      put(child, at);
      return at + nodes[child].chance;
    }, from);
  };
  put(0, 0);
  leaves.sort((a, b) => nodes[a].from - nodes[b].from);
  return {nodes, leaves, steps: Math.max(...leaves.map((leaf) => nodes[leaf].step))};
}

// What a beam search of this width does, step by step: what it looks at, and what of it is kept.
export function searchOf(nodes, width) {
  const looked = [[0]];
  const kept = [[0]];
  while (kept.at(-1).some((id) => nodes[id].children.length)) {
    const found = kept.at(-1).flatMap((id) => nodes[id].children);
    const order = found
      .slice()
      .sort(
        (a, b) =>
          Number(nodes[b].chance.toFixed(12)) - Number(nodes[a].chance.toFixed(12)) || a - b,
      );
    looked.push(found);
    kept.push(order.slice(0, width));
  }
  return {looked, kept};
}

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const names = get("names");
  const place = Math.max(names.indexOf(get("name")), 0);
  const state = {name: names[place], width: get("width"), step: get("step")};
  const tree = treeOf(get("texts")[place], get("chances")[place]);
  const {looked, kept} = searchOf(tree.nodes, state.width);
  const chanceOf = (id) => tree.nodes[id].chance;
  const ended = kept
    .slice(0, state.step + 1)
    .flat()
    .filter((id) => tree.nodes[id].word === END);
  const best = kept
    .flat()
    .filter((id) => tree.nodes[id].word === END)
    .sort((a, b) => chanceOf(b) - chanceOf(a))[0];
  const now = kept[state.step] ?? [];
  return {
    state,
    ...tree,
    looked,
    kept,
    now,
    ended,
    best,
    result: [
      [chanceOf(best), Math.max(...tree.leaves.map(chanceOf))],
      now.map(chanceOf),
      ended.map(chanceOf),
    ],
  };
}

const wayTo = (nodes, id) => (id === 0 ? [] : [...wayTo(nodes, nodes[id].parent), nodes[id]]);
const exact = (chance) => number(chance, 3).replace(/0$/, ""); // 0.115, but 0.12
const textOf = (nodes, id) =>
  isolated(
    wayTo(nodes, id)
      .map(({word}) => word)
      .filter((word) => word !== END)
      .join(" "),
  );

function layout(frame) {
  const {
    shown: {nodes, steps},
    room,
    size,
    svg,
    lecture,
  } = frame;
  const longest = lecture
    ? 0
    : widest(
        frame.root,
        nodes.map(({word}) => short(word, 9)),
      ) + 8;
  const wide = Math.floor(Math.max(longest, Math.min((room - 2) / steps, Math.max(74, 5 * size))));
  const place = {
    wide,
    top: size + 12,
    high: lecture ? 350 : Math.max(300, 22 * size),
    width: wide * steps + 2,
  };
  svg.append(
    shape(
      "text",
      {class: "attn-caption", x: 1, y: size},
      "step 1, 2, 3 … → each beginning as high as it is probable",
    ),
  );
  place.boxes = shape("g");
  place.ring = shape("g", {class: "attn-ring"});
  svg.append(place.boxes, place.ring);
  return {...place, scrolls: place.width > room, height: place.top + place.high + 4};
}

// "kept", "cut", "unseen" (its beginning was cut off), or "later".
function fateOf({state, nodes, looked, kept}, id) {
  const {step} = nodes[id];
  if (step > state.step) return "later";
  if (kept[step]?.includes(id)) return "kept";
  return looked[step]?.includes(id) ? "cut" : "unseen";
}

function draw(frame, focus) {
  const {shown, hatched, place} = frame;
  const {state, nodes, now, ended, best, leaves} = shown;
  const {wide, top, high, boxes, ring} = place;
  const box = ({step, from, chance}) => ({
    x: 1 + (step - 1) * wide,
    y: top + from * high,
    width: wide,
    height: chance * high,
  });
  boxes.replaceChildren();
  for (const node of nodes.slice(1)) {
    const fate = fateOf(shown, node.id);
    const at = box(node);
    const made = {kept: {class: "attn-weight"}, cut: hatched}[fate] ?? {style: "fill: none"};
    boxes.append(shape("rect", {...at, ...made}), shape("rect", {...at, class: "attn-frame"}));
    if (at.height < frame.size) continue;
    const two = at.height > 3 * frame.size;
    const colour =
      fate === "kept"
        ? "fill: var(--attn-little)"
        : fate !== "cut"
          ? "fill: var(--attn-quiet)"
          : "";
    const middle = {x: at.x + wide / 2, "text-anchor": "middle"};
    const back = {
      style: `${colour}${fate === "cut" ? "; paint-order: stroke; stroke: var(--attn-little); stroke-width: 4px" : ""}`,
    };
    boxes.append(
      shape(
        "text",
        {
          ...middle,
          ...back,
          y: at.y + at.height / 2 - (two ? frame.size * 0.25 : -frame.size * 0.35),
        },
        short(node.word, 9),
      ),
    );
    if (two)
      boxes.append(
        shape(
          "text",
          {...middle, ...back, class: "attn-numbers", y: at.y + at.height / 2 + frame.size},
          node.chance.toFixed(2),
        ),
      );
  }
  const names = now.slice(0, 2).map((id) => `“${textOf(nodes, id)}” ${exact(nodes[id].chance)}`);
  if (now.length > 2) names.push(`${now.length - 2} more`);
  const step =
    state.step === 0
      ? "Nothing is written yet."
      : now.length
        ? `Step ${state.step} keeps ${names.join(", ")}.`
        : "All have ended.";
  const highest = Math.max(...leaves.map((leaf) => nodes[leaf].chance));
  const status =
    `${step} This search will end with “${textOf(nodes, best)}”, ${exact(nodes[best].chance)}; ` +
    `the most probable text has ${exact(highest)}.`;
  const label = `All beginnings of ${leaves.length} texts in ${shown.steps} steps; ${now.length} of them in a beam of width ${state.width}, ${ended.length} whole.`;
  ring.replaceChildren();
  if (!focus.length) return {status, label};
  const node = nodeAt(shown, focus);
  ring.append(shape("rect", {class: "attn-cell", ...box(node)}));
  return {
    status,
    label: `${label} ${textOf(nodes, node.id)}: ${number(node.chance)}.`,
    title: [["attn-output", `${textOf(nodes, node.id)}${node.word === END ? " <end>" : ""}`]],
    lines: steps(shown, node),
  };
}

// The chance of a beginning as a product, and what the search makes of it.
function steps(shown, node) {
  const {nodes, looked, state} = shown;
  const way = wayTo(nodes, node.id);
  const factors = way.map(({chance, parent}) => Number((chance / nodes[parent].chance).toFixed(2)));
  const above = (looked[node.step] ?? []).filter(
    (id) => nodes[id].chance > node.chance + 1e-12,
  ).length;
  const said = {
    later: `step ${node.step} is still to come`,
    unseen: "never looked at: its beginning was cut off",
    kept: `place ${above + 1} of ${looked[node.step]?.length} looked at: kept`,
    cut: `place ${above + 1} of ${looked[node.step]?.length} looked at: cut off, ${state.width} may stay`,
  };
  return [
    ["chance", `${factors.join(" × ")} = ${exact(node.chance)}`],
    ["logarithm", `ln ${exact(node.chance)} = ${number(Math.log(node.chance))}`],
    ["search", said[fateOf(shown, node.id)]],
  ];
}

// The beginning that [text, step] points at; the whole text where it is shorter.
function nodeAt({nodes, leaves}, [row, column]) {
  const way = wayTo(nodes, leaves[row]);
  return way[Math.min(column, way.length - 1)];
}

function under({shown: {nodes, leaves, steps}, place: {wide, top, high}}, x, y) {
  const share = (y - top) / high;
  const row = leaves.findIndex(
    (leaf) => share >= nodes[leaf].from && share < nodes[leaf].from + nodes[leaf].chance,
  );
  const column = Math.floor((x - 1) / wide);
  return row >= 0 && column >= 0 && column < steps ? [row, column] : null;
}

export default {
  render: rendering({
    name: "beam-tree",
    synced: ["texts", "chances", "names", "name", "width", "step", "focus"],
    rebuild: ["texts", "chances", "names", "name"],
    compute,
    layout,
    draw,
    keeps: () => ({status: 3, work: 3}),
    cells: ({leaves, steps}) => [leaves.length, steps],
    at: under,
    tables: (shown) => [
      {
        caption: `${shown.state.name}: what is looked at in step ${shown.state.step}`,
        corner: "beginning",
        rows: (shown.looked[shown.state.step] ?? []).map((id) => textOf(shown.nodes, id)),
        columns: ["chance", "logarithm", "kept"],
        values: (shown.looked[shown.state.step] ?? []).map((id) => [
          shown.nodes[id].chance.toFixed(3),
          number(Math.log(shown.nodes[id].chance)),
          shown.now.includes(id) ? "yes" : "no",
        ]),
      },
    ],
  }),
};
