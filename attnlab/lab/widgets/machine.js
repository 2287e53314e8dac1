// The machine: a model as a drawing of its boxes and arrows, with the arrays of a run that goes on in the page.

import {element, isLight, shape} from "./drawing.js";
import {rendering} from "./frame.js";
import {placed, roundedPath, tipPath, unitsOf} from "./machine_layout.js";
import {compute} from "./machine_numbers.js";
import {cellUnder, drawPanel, layPanel, letHeight, makePanel} from "./machine_panel.js";
import {drawPart, makePart, sayWords, shapeText} from "./machine_part.js";
import {playRow} from "./machine_play.js";
import {toldChange, toldRow, toldSentence} from "./machine_said.js";
import {mainColumn} from "./machine_sums.js";
import {isGroup, isShown, outcome, shownFor, treeOf, unfolded, walked} from "./machine_tree.js";
import {flowOf, tracedFrom} from "./provenance.js";
import {running} from "./trace.js";
import {modelFor} from "./weights.js";

const MEASURED = ["words", "probabilities"]; // closed boxes that are as high as what they hold

export const ready = async ({get, model}) => {
  const whole = await modelFor(get, model);
  return {...running(whole), tensors: whole.tensors};
};

// What a press in a panel sets.
function tell(frame, {switched, head}) {
  if (head !== undefined) return frame.set({head});
  const {off, attention} = frame.shown.state;
  const all = frame.shown.off;
  if (!all.includes(switched)) return frame.set({off: [...off, switched]});
  // One of several that "attention" has switched off: the others stay off.
  return frame.set({
    off: (attention ? off : all).filter((name) => name !== switched),
    attention: true,
  });
}

// The elements of all items, kept while the plan is the same.
function partsFor(frame) {
  const plan = frame.get("plan");
  if (frame.partsOf !== plan) Object.assign(frame, {partsOf: plan, parts: new Map()});
  return frame.parts;
}

function partFor(frame, item) {
  const parts = partsFor(frame);
  if (!parts.has(item.id)) parts.set(item.id, makePart(item, treeOf(frame.get("plan"))));
  return parts.get(item.id);
}

function layout(frame) {
  const {get, svg, drawing, size, room} = frame;
  const [plan, open] = [get("plan"), get("unfolded")];
  const tree = treeOf(plan);
  // Strong enough not to be taken for a small weight.
  frame.maskedColour = [
    ...inkFor(frame.root, "--attn-hatch"),
    isLight(frame.colours[0]) ? 110 : 140,
  ];
  frame.kept = {}; // heights that were needed
  listen(frame);
  const visible = tree.items
    .filter((item) => isShown(tree, item, open))
    .map((item) => partFor(frame, item));
  const first = placed(plan, {open, room, size});
  for (const part of visible) dressPart(frame, part, first.boxes[part.item.id]);
  drawing.append(...visible.map(({root}) => root));
  const layers = ["grounds", "wires", "shapes"].map((name) => [
    name,
    shape("g", {class: `attn-part-${name}`}),
  ]);
  svg.append(...layers.map(([, group]) => group));
  const place = {visible, tree, ...Object.fromEntries(layers)};
  frame.place = place;
  reserve(frame, visible);
  if (frame.shown.words) for (const part of visible) if (part.words) drawPart(frame, part, {});
  return arrange(frame, place);
}

// Room for the words of every sentence that can be chosen, so that nothing jumps. French takes a quarter more.
function reserve(frame, visible) {
  const {get, room, size} = frame;
  if (!get("sentences")?.length) return;
  const parts = visible.filter(({words}) => words);
  const asked = JSON.stringify([room, size, frame.lecture, parts.map(({item}) => item.id)]);
  if (frame.reserved?.asked !== asked) {
    const texts = get("sentences").map((text) => text.split(/\s+/));
    const longer = texts.map((words) => [
      ...words,
      ...words.slice(0, Math.ceil(0.25 * words.length)),
    ]);
    const heights = parts.map((part) => [
      part.item.id,
      tallest(part, part.box.rows === "target" ? longer : texts),
    ]);
    frame.reserved = {asked, heights};
  }
  Object.assign(frame.kept, Object.fromEntries(frame.reserved.heights));
}

function tallest(part, texts) {
  part.root.style.height = "auto";
  const heights = texts.map((words) => {
    sayWords(part, words);
    return part.root.offsetHeight;
  });
  part.said = null;
  return Math.max(...heights);
}

// Gives each part the form of its place: closed, opened, side by side.
function dressPart(frame, part, spot) {
  const {item, root, head} = part;
  const opened = spot.open && !isGroup(item);
  root.className = root.className.replace(/ attn-is-\w+/g, "");
  const forms = {
    upright: spot.upright && !opened,
    open: opened,
    unfolded: isGroup(item) && spot.open,
    group: isGroup(item),
  };
  for (const [form, has] of Object.entries(forms)) if (has) root.classList.add(`attn-is-${form}`);
  root.style.width = `${spot.width}px`;
  head.setAttribute("aria-expanded", spot.open);
  if (opened) {
    part.panel ??= makePanel(item, (pressed) => tell(frame, pressed));
    layPanel(frame, part.panel, spot.width - 2 * unitsOf(frame.size).pad - 2, (pressed) =>
      tell(frame, pressed),
    );
    if (!part.panel.root.isConnected) root.append(part.panel.root);
  } else if (part.panel) {
    part.panel.root.remove();
    letHeight(part.panel);
  }
}

// Places all parts by their heights, and draws the arrows.
function arrange(frame, place) {
  const {get, size, room} = frame;
  const heights = {};
  for (const {item, root} of place.visible) {
    const natural = isNatural(frame, item, frame.parts.get(item.id));
    if (!natural) continue;
    root.style.height = "auto";
    heights[item.id] = Math.max(root.offsetHeight, frame.kept[item.id] ?? 0);
  }
  Object.assign(place, placed(get("plan"), {open: get("unfolded"), room, size, heights}), {
    heights,
  });
  for (const {item, root} of place.visible) {
    const spot = place.boxes[item.id];
    Object.assign(root.style, {left: `${spot.x}px`, top: `${spot.y}px`, width: `${spot.width}px`});
    root.style.height = `${spot.head ?? spot.height}px`;
    root.style.setProperty("--inset", `${spot.inset ?? 0}px`);
    root.dataset.depth = Math.min(spot.depth, 2);
  }
  drawGrounds(place);
  drawArrows(frame, place);
  return place;
}

// As high as what it holds: words and bars, an opened box, a folded layer outside of a room.
function isNatural({get, lecture}, item, {inside}) {
  if (MEASURED.includes(item.kind)) return true;
  const open = get("unfolded").includes(item.id);
  return isGroup(item) ? Boolean(inside) && !open && !lecture : open;
}

function drawGrounds({boxes, grounds, titles}) {
  const under = Object.values(boxes).filter(({head}) => head);
  grounds.replaceChildren(
    ...under.map(({x, y, width, height, depth}) =>
      shape("rect", {
        class: `attn-part-ground attn-part-depth-${Math.min(depth, 2)}`,
        x,
        y,
        width,
        height,
        rx: 8,
      }),
    ),
    ...titles.map(({text, x, y}) => shape("text", {class: "attn-title", x, y}, text)),
  );
}

function drawArrows(frame, place) {
  const {boxes, wires, shapes, arrows: lines} = place;
  const tip = 0.55 * frame.size;
  wires.replaceChildren();
  for (const line of lines) {
    line.root = shape("g", {class: `attn-part-arrow attn-part-${line.way}`});
    line.root.append(
      shape("path", {class: "attn-part-line", d: roundedPath(shortened(line.points, tip))}),
      shape("path", {class: "attn-part-tip", d: tipPath(line.points, tip)}),
    );
    wires.append(line.root);
  }
  const leaves = new Set(lines.map(({from}) => from));
  place.shapeTexts = [...leaves].map((id) => ({
    id,
    text: shapeLabel(
      frame,
      boxes[id],
      lines.filter(({from}) => from === id),
    ),
  }));
  shapes.replaceChildren(...place.shapeTexts.map(({text}) => text));
}

// The line of an arrow ends where its tip begins.
function shortened(points, by) {
  const [end, before] = [points.at(-1), points.at(-2)];
  const length = Math.hypot(end[0] - before[0], end[1] - before[1]) || 1;
  const part = Math.min(by, length * 0.9) / length;
  return [
    ...points.slice(0, -1),
    [end[0] - part * (end[0] - before[0]), end[1] - part * (end[1] - before[1])],
  ];
}

// The shape of what an arrow carries stands beside its beginning, where no other arrow turns away.
function shapeLabel({size}, {x, y, width, height}, lines) {
  const down = lines.filter(({points}) => Math.abs(points[0][1] - (y + height)) < 1);
  const right = ({points}) => Math.max(...points.map(([each]) => each));
  const [last] = down.filter(({way}) => way !== "short").sort((a, b) => right(b) - right(a));
  const label = {
    class: "attn-caption attn-part-shape",
    y: y + height + (size < 18 ? 1.3 : 1.1) * size,
  };
  if (!last) return shape("text", {...label, x: x + width - 4, "text-anchor": "end"});
  const start = last.points[0][0];
  const turns = right(last) > start + 1;
  if (turns && width < 9 * size) return shape("text", label); // keys and values have one shape: it stands once
  if (turns) return shape("text", {...label, x: start - 0.6 * size, "text-anchor": "end"});
  return shape("text", {...label, x: start + 0.6 * size});
}

function inkFor(root, name) {
  const pen = element("canvas", {width: 1, height: 1}).getContext("2d");
  pen.fillStyle = getComputedStyle(root).getPropertyValue(name);
  pen.fillRect(0, 0, 1, 1);
  return Array.from(pen.getImageData(0, 0, 1, 1).data.slice(0, 3));
}

// The box in focus with the row that is meant, within what there is; null where nothing is in focus.
export function focusOf(shown, focus, tree) {
  const item = tree.items[focus[0]];
  if (!focus.length || !item || !shown.arrays) return null;
  const box = isGroup(item) ? outcome(item) : item;
  const count = box.rows === "one" ? 1 : shown.counts[box.rows];
  if (!count) return null;
  return {item, box, row: Math.min(focus[1], count - 1)};
}

// While nothing is pointed at, the word that was written last is marked: one sees where it looked.
function lastWritten(shown, tree) {
  const item = tree.items.find(({kind, rows}) => kind === "words" && rows === "target");
  return item && shown.step > 0 ? {item, box: item, row: shown.counts.target - 1} : null;
}

// Strengths of the rows of all boxes, as they are marked; frame.origins: of those from which this row comes.
export function tracedFor(frame, at) {
  const {shown} = frame;
  if (!at) return null;
  const {head} = shown.state;
  if (frame.flowOf !== shown.arrays || frame.flowHead !== head) {
    Object.assign(frame, {flowOf: shown.arrays, flowHead: head});
    frame.flow = flowOf(shown.plan, shown.arrays, {counts: shown.counts, head, off: shown.off});
  }
  const {tree} = frame.place;
  const strengths = tracedFrom(frame.flow, at.box.id, at.row);
  const text = tree.items.find(({kind, rows}) => kind === "words" && rows === "target");
  frame.origins = strengths;
  if (!text || !shown.translation) return strengths;
  if (at.box === text) frame.origins = writtenFrom(frame, strengths, at);
  return at.box === text ? frame.origins : writtenBy({...strengths}, text, shown);
}

// A word of the target comes from the step before, which wrote it.
function writtenFrom({flow, place, shown}, strengths, {row}) {
  const writer = place.tree.items.find(({kind}) => kind === "probabilities");
  if (!row || !writer || row > shown.counts.target - 1) return strengths;
  const before = tracedFrom(flow, writer.id, row - 1);
  for (const [id, shares] of Object.entries(before))
    strengths[id] = strengths[id]
      ? strengths[id].map((share, i) => Math.max(share, shares[i] ?? 0))
      : shares;
  return strengths;
}

// And what is written goes on as a word of the target.
function writtenBy(strengths, text, {counts}) {
  const into = strengths.probabilities;
  if (into && !strengths[text.id])
    strengths[text.id] = Float64Array.from({length: counts.target}, (_, i) =>
      i ? (into[i - 1] ?? 0) : 0,
    );
  return strengths;
}

function draw(frame, focus) {
  const {shown, place} = frame;
  const {plan} = shown;
  const pointed = focusOf(shown, focus, place.tree);
  const at = pointed ?? lastWritten(shown, place.tree);
  const traced = tracedFor(frame, at);
  const strengths = pointed ? traced : null; // else only words are marked
  const open = frame.get("unfolded");
  const focused = pointed && shownFor(place.tree, at.item.id, open);
  let grown = false;
  for (const part of place.visible) {
    const {box, item} = part;
    const asked = {at, pointed, strengths: traced?.[box.id]};
    drawPart(frame, part, {
      traced: part.words ? traced : strengths,
      row: part.words && at?.box !== box ? undefined : rowIn(frame, box, asked),
    });
    part.root.classList.toggle("attn-is-focus", focused === item);
    part.head.tabIndex = focused === item || (!focused && part === place.visible[0]) ? 0 : -1;
    for (const button of part.panel?.buttons ?? []) button.tabIndex = focused === item ? 0 : -1;
    part.head.setAttribute("aria-label", `${labelOf(shown, item, open)}${markOff(part, shown)}`);
    if (part.panel?.root.isConnected) {
      drawPanel(frame, part.panel, cellIn(frame, part, asked));
      grown ||= part.root.scrollHeight > (place.heights[item.id] ?? Infinity) + 1;
    }
  }
  if (grown) regrow(frame, place);
  for (const {id, text} of place.shapeTexts) {
    const said = shapeText(shown, place.tree.items[place.tree.place[id]]);
    if (text.hasAttribute("x") && text.textContent !== said) text.textContent = said;
  }
  for (const line of place.arrows) {
    line.root.classList.toggle("attn-is-flowing", flows(place, strengths, line));
    line.root.classList.toggle("attn-is-cut", isCut(place, shown, line));
  }
  keepCursor(frame, place, focused);
  if (focused) keepInView(frame, frame.parts.get(focused.id).root);
  const whole = changed(frame, focus);
  return {status: statusOf(frame, whole ? null : pointed, strengths), label: plan.title};
}

// Whether to say what is written, and how it changed: since another setting was made, and until something is pointed
// at anew.
function changed(frame, focus) {
  const {state, off, arrays, trouble} = frame.shown;
  const set = JSON.stringify([state.sentence, state.step, state.attention, state.off]);
  const at = focus.join();
  if (!frame.told) frame.told = {set, at: off.length ? at : null};
  if (frame.told.set !== set) frame.told = {set, at};
  if (frame.told.at !== at) frame.told.at = null;
  if (trouble || !arrays) return false;
  return focus.length === 0 || frame.told.at === at;
}

// The sums of a panel may need a line more than before: what stands below moves down once, and never back.
function regrow(frame, place) {
  for (const {item, panel, root} of place.visible)
    if (panel?.root.isConnected) {
      root.style.height = "auto";
      frame.kept[item.id] = Math.max(frame.kept[item.id] ?? 0, root.offsetHeight);
    }
  arrange(frame, place);
  frame.svg.setAttribute("height", place.height);
}

// The row of which a box speaks: that in focus, or of which most comes from it or goes into it; while nothing is
// pointed at, that of the next word.
function rowIn({shown}, box, {at, pointed, strengths}) {
  if (!at) return undefined;
  if (at.box.id === box.id) return at.row;
  if (!pointed && box.rows === "target") return shown.counts.target - 1;
  return strengths ? strengths.indexOf(Math.max(...strengths)) : undefined;
}

// The cell whose sum an opened box shows: what is most important in its row, or what is pointed at.
function cellIn(frame, {box}, asked) {
  const row = rowIn(frame, box, asked);
  if (row === undefined) return {};
  const {arrays, state} = frame.shown;
  const own = asked.at.box.id === box.id;
  const picked = own && frame.column?.box === box.id ? frame.column.column : null;
  const [first] = arrays[box.array]?.rows ?? arrays[box.array]?.heads[0] ?? [[0]];
  const column = picked ?? mainColumn(arrays, box, row, state.head);
  return {row, column: Math.min(column, first.length - 1)};
}

// What is switched off in a box, or within a group, is marked; gives the same in words.
function markOff(part, shown) {
  const names = (item) =>
    isGroup(item) ? item.items.flatMap(names) : (item.switches ?? []).map(({off}) => off);
  part.names ??= names(part.item);
  const off = part.names.filter((name) => shown.off.includes(name)).length;
  const whole = off > 0 && !isGroup(part.item) && off === part.names.length;
  part.root.classList.toggle("attn-is-off", whole);
  part.root.classList.toggle("attn-is-partly", off > 0 && !whole);
  return whole ? ", switched off" : off > 0 ? ", partly switched off" : "";
}

// A way round that is switched off.
const isCut = ({tree}, {off}, {to, way}) =>
  way === "short" && off.includes(tree.items[tree.place[to]].array);

const flows = ({tree}, strengths, {from, to}) => {
  if (!strengths) return false;
  const [a, b] = [from, to]
    .map((id) => tree.items[tree.place[id]])
    .map((item) => (isGroup(item) ? outcome(item) : item));
  return Boolean(strengths[a.id] && strengths[b.id]);
};

function labelOf(shown, item, open) {
  const size = shapeText(shown, item);
  const what = isGroup(item) ? (unfolded(item, open) ? "unfolded group" : "folded group") : "box";
  return `${item.label}, ${what}${size ? `, ${size}` : ""}`;
}

export function statusOf(frame, at, strengths) {
  const {shown} = frame;
  if (shown.trouble) return `${shown.trouble[0].toUpperCase()}${shown.trouble.slice(1)}`;
  if (!shown.arrays) return "…";
  if (at) {
    const {head} = shown.state;
    return toldRow(shown, at.item === at.box || !isGroup(at.item) ? at.box : at.item, at.row, {
      head,
      strengths,
      origins: frame.origins,
    });
  }
  if (shown.off.length) return toldChange(shown);
  if (shown.translation) return toldSentence(shown);
  return "Point at a row, or walk over the boxes with the arrow keys; Enter opens one.";
}

// On a slide the drawing is a window: it follows what is in focus.
function keepInView({drawing}, root) {
  if (drawing.scrollHeight <= drawing.clientHeight + 1) return;
  const [top, bottom] = [root.offsetTop, root.offsetTop + root.offsetHeight];
  if (top < drawing.scrollTop || root.offsetHeight > drawing.clientHeight) drawing.scrollTop = top;
  else if (bottom > drawing.scrollTop + drawing.clientHeight)
    drawing.scrollTop = bottom - drawing.clientHeight;
}

// Whoever walks by the keyboard on a box goes on to the next one.
function keepCursor(frame, place, focused) {
  const active = frame.drawing.getRootNode().activeElement;
  const walks = active?.classList.contains("attn-part-head") && frame.drawing.contains(active);
  if (!focused || !(frame.refocus || walks)) return;
  frame.refocus = false;
  const part = place.visible.find(({item}) => item === focused);
  if (part && part.head !== active) part.head.focus({preventScroll: true});
  part?.root.scrollIntoView({block: "nearest"});
}

// Pointer and presses, on whatever part they fall; once for each figure.
function listen(frame) {
  if (frame.listens) return;
  frame.listens = true;
  frame.drawing.addEventListener("pointermove", (event) => pointed(frame, event));
  frame.drawing.addEventListener("pointerleave", () => {
    frame.away = true;
  });
  frame.drawing.addEventListener("click", (event) => clicked(frame, event));
}

function partUnder(frame, event) {
  const root = event.target.closest?.("[data-box]");
  return root ? frame.parts.get(root.dataset.box) : null;
}

function pointed(frame, event) {
  if (event.pointerType === "touch" && event.type === "pointermove") return;
  const part = partUnder(frame, event);
  const cell = part && frame.shown.arrays ? cellOver(frame, part, event) : null;
  const anew = frame.away || event.type === "click";
  frame.away = !cell;
  if (!cell) return;
  const focus = [frame.place.tree.place[part.item.id], cell[0]];
  if (cell[1] !== null && cell[1] !== undefined) frame.column = {box: part.box.id, column: cell[1]};
  const now = frame.get("focus");
  if (now[0] !== focus[0] || now[1] !== focus[1]) return frame.set({focus});
  redrawPanel(frame, part);
  if (anew && frame.told?.at === focus.join()) toldAnew(frame);
}

// It was pointed at before the sentence was told, and is again.
function toldAnew(frame) {
  frame.told.at = null;
  const at = focusOf(frame.shown, frame.get("focus"), frame.place.tree);
  frame.root.querySelector("[role=status]").textContent = statusOf(frame, at, tracedFor(frame, at));
}

// Only the column has changed.
function redrawPanel(frame, part) {
  if (!part.panel?.root.isConnected) return;
  const at = focusOf(frame.shown, frame.get("focus"), frame.place.tree);
  const strengths = tracedFor(frame, at)?.[part.box.id];
  drawPanel(frame, part.panel, cellIn(frame, part, {at, pointed: at, strengths}));
}

// [row, column or null] of a word, a thumbnail or a picture under the pointer.
function cellOver(frame, part, event) {
  const count = frame.shown.counts[part.box.rows] ?? 1;
  const within = (row) => (row >= 0 && row < count ? row : null);
  const word = event.target.closest("[data-row]");
  if (word)
    return within(Number(word.dataset.row)) === null ? null : [Number(word.dataset.row), null];
  const inPanel = event.target.closest(".attn-heat");
  if (inPanel && part.panel) {
    const cell = cellUnder(part.panel, event);
    return cell && within(cell[0]) !== null ? cell : null;
  }
  const picture =
    event.target.tagName === "CANVAS" &&
    part.pictures.find(({root}) => root.contains(event.target));
  if (!picture) return null;
  const {top, height} = event.target.getBoundingClientRect();
  const row = within(Math.floor(((event.clientY - top) / height) * event.target.height));
  return row === null ? null : [row, null];
}

function clicked(frame, event) {
  const part = partUnder(frame, event);
  if (!part) return;
  if (event.target.closest(".attn-part-head")) return toggled(frame, part.item);
  pointed(frame, event);
}

function toggled(frame, item) {
  const open = frame.get("unfolded");
  frame.refocus = frame.drawing.contains(frame.drawing.getRootNode().activeElement);
  const place = frame.place.tree.place[item.id];
  const row = frame.get("focus")[0] === place ? frame.get("focus")[1] : lastRow(frame.shown, item);
  frame.set({
    unfolded: open.includes(item.id) ? open.filter((id) => id !== item.id) : [...open, item.id],
    focus: [place, row],
  });
}

// Where one begins in a box: at the word that is being written, or the first.
const lastRow = (shown, item) => {
  const {rows} = isGroup(item) ? outcome(item) : item;
  return rows === "target" && shown.translation ? Math.max(shown.counts.target - 1, 0) : 0;
};

// The keys: up and down over the boxes, left and right over the words, with Shift over the numbers of a row, Enter
// opens, Escape points at nothing, n or the space bar writes a word, p plays.
function press(frame, event) {
  const {shown, place, get} = frame;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const onHead = event.target !== frame.drawing;
  if (event.key === "n" || (event.key === " " && !onHead)) return stepped(frame);
  if (event.key === "p" && frame.toggle && shown.steps !== undefined) {
    frame.toggle();
    return {};
  }
  const focus = get("focus");
  const at = focusOf(shown, focus, place.tree);
  if (event.key === "Escape" && at) return {focus: []};
  if (!at) return /^Arrow|^Home$|^End$/.test(event.key) && shown.arrays ? {focus: [0, 0]} : null;
  const item = shownFor(place.tree, at.item.id, get("unfolded"));
  if (event.key === "Enter" && !onHead) {
    toggled(frame, item);
    return {};
  }
  if (event.shiftKey && at.box === item) return acrossRow(frame, at, event);
  return moved(frame, {at, item}, event);
}

// Another number of the row: its sum stands in the opened box, and is said.
function acrossRow(frame, {box, row}, {key}) {
  const part = frame.parts.get(box.id);
  const by = {ArrowLeft: -1, ArrowRight: 1}[key];
  if (!by || !part.panel?.root.isConnected || !box.array) return null;
  const {arrays, state} = frame.shown;
  const [first] = arrays[box.array].rows ?? arrays[box.array].heads[0];
  const now =
    frame.column?.box === box.id ? frame.column.column : mainColumn(arrays, box, row, state.head);
  frame.column = {box: box.id, column: Math.min(Math.max(now + by, 0), first.length - 1)};
  redrawPanel(frame, part);
  frame.root.querySelector("[role=status]").textContent = [...part.panel.sums.children]
    .map((each) => each.textContent)
    .join(" ");
  return {};
}

function stepped({shown, forward}) {
  if (shown.steps === undefined || !forward) return null;
  forward();
  return {};
}

function moved({shown, place, get, column}, {at, item}, event) {
  const here = place.tree.place[item.id];
  const count = shown.counts[at.box.rows] ?? 1;
  const steps = {ArrowUp: -1, ArrowDown: 1};
  if (event.key in steps)
    return {focus: [walked(place.tree, here, steps[event.key], get("unfolded")), at.row]};
  const rows = {ArrowLeft: at.row - 1, ArrowRight: at.row + 1, Home: 0, End: count - 1};
  if (!(event.key in rows)) return null;
  if (column) column.box = null;
  return {focus: [here, Math.min(Math.max(rows[event.key], 0), count - 1)]};
}

// The numbers behind: the likeliest next words and where they look, or the weights and the output.
function tables(shown) {
  if (!shown.arrays) return [];
  const {words, result, counts} = shown;
  const three = (row) => Array.from(row, (value) => value.toFixed(3));
  if (!shown.translation)
    return result.map((values, i) => ({
      caption:
        i === result.length - 1 ? "output" : result.length > 2 ? `weights, head ${i}` : "weights",
      corner: "word",
      rows: words.source,
      columns: i < result.length - 1 ? words.source : values[0].map((_, j) => String(j)),
      values: values.map(three),
    }));
  const [[shares], looks] = result;
  const top = Array.from(shares, (share, place) => [share, place])
    .sort(([a], [b]) => b - a)
    .slice(0, 10);
  const next = {
    caption: "the most probable next words",
    corner: "word",
    rows: top.map(([, place]) => words.vocabulary[place] ?? String(place)),
    columns: ["probability"],
    values: top.map(([share]) => three([share])),
  };
  if (!looks.length) return [next];
  const looking = {
    ...lookedAt(shown),
    corner: "read last",
    rows: words.target.slice(0, counts.target),
    values: looks.map(three),
  };
  return [next, looking];
}

// Whose the weights are, and what the columns: see lastWeights.
function lookedAt({run, words, counts}) {
  const name = Object.keys(run.arrays).findLast((each) => /^decoder\..*\.weights$/.test(each));
  const keys = /cross_attention|context/.test(name) ? "source" : "target";
  const columns = words[keys].slice(0, counts[keys]);
  if (name === "decoder.context.weights")
    return {caption: "weights of the attention, a row for each step", columns};
  const mean = run.arrays[name].heads.length > 1 ? ", the mean of its heads" : "";
  const whose = keys === "target" ? "self-attention" : "cross-attention";
  return {caption: `${whose} of the last layer${mean}`, columns};
}

export default {
  render: rendering({
    name: "machine",
    role: "group",
    walks: "attn-part-head",
    synced: [
      "plan",
      "model",
      "tensors",
      "sentence",
      "sentences",
      "words",
      "x",
      "step",
      "attention",
      "off",
      "unfolded",
      "head",
      "focus",
    ],
    rebuild: ["plan", "model", "tensors", "sentence", "words", "x", "attention", "off", "unfolded"],
    compute,
    ready,
    layout,
    draw,
    press,
    tables,
    above: (frame) => [playRow(frame)],
    at: () => null,
    keeps: ({room, size}) => ({status: room < 43 * size ? 4 : 2, work: 0, lecture: 2}),
  }),
};
