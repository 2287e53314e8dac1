// The plan of a machine as a tree: its items in walking order, who holds whom, and what is shown.

const trees = new WeakMap(); // a plan is made once, and asked for with each move

// { items, place: {id: index}, parent: {id: group or column}, column: {id: index} }, groups before what they hold.
export function treeOf(plan) {
  if (!trees.has(plan)) trees.set(plan, grown(plan));
  return trees.get(plan);
}

function grown(plan) {
  const tree = {items: [], place: {}, parent: {}, column: {}};
  const hang = (item, parent, column) => {
    tree.place[item.id] = tree.items.push(item) - 1;
    tree.parent[item.id] = parent;
    tree.column[item.id] = column;
    for (const each of item.items ?? []) hang(each, item, column);
  };
  plan.columns.forEach((column, i) => {
    for (const item of column.items) hang(item, column, i);
  });
  return tree;
}

export const isGroup = (item) => item.kind === "group";

// What stands side by side is never folded, and has no head of its own.
export const isRow = (item) => isGroup(item) && item.side === true;

export const unfolded = (item, open) => isRow(item) || open.includes(item.id);

// The item itself, or the folded group that hides it.
export function shownFor(tree, id, open) {
  let shown = tree.items[tree.place[id]];
  for (let up = tree.parent[id]; up?.kind; up = tree.parent[up.id])
    if (!unfolded(up, open)) shown = up;
  return shown;
}

// Whether the walk comes to it: it is not hidden, and has something to stand on.
export const isShown = (tree, item, open) => !isRow(item) && shownFor(tree, item.id, open) === item;

// The next place of the walk, up (-1) or down (1); the same where there is none.
export function walked(tree, place, step, open) {
  for (let at = place + step; at >= 0 && at < tree.items.length; at += step)
    if (isShown(tree, tree.items[at], open)) return at;
  return place;
}

// The boxes within an item, itself if it is one.
export const boxesOf = (item) => (isGroup(item) ? item.items.flatMap(boxesOf) : [item]);

// What a folded group shows: the last array that is made in it.
export const outcome = (item) => boxesOf(item).findLast((box) => box.array !== null) ?? item;

// Between which shown items the arrows run, each once: [{ from, to, way }].
export function shownArrows(plan, open) {
  const tree = treeOf(plan);
  const found = new Map();
  for (const {from, to, way} of plan.arrows) {
    const [a, b] = [endOf(tree, from, open), shownFor(tree, to, open)];
    const name = `${a.id}\n${b.id}`;
    // Into a folded layer, the way round its sublayer is the way into it.
    if (a !== b && (!found.has(name) || way !== "short"))
      found.set(name, {from: a.id, to: b.id, way});
  }
  return [...found.values()];
}

// An arrow from an unfolded group leaves its last box.
function endOf(tree, id, open) {
  const item = shownFor(tree, id, open);
  return isGroup(item) && unfolded(item, open) ? endOf(tree, item.items.at(-1).id, open) : item;
}
