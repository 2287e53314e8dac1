// The frame of every live figure: drawing, arithmetic, one sentence, table, keys, pointer, theme, size.
// A figure hands in only what is its own:
//   name                 for data-figure and the class
//   synced, rebuild      traits that draw it anew; those of them that change where things stand
//   compute(get, before, ready) all numbers: { state, result, ... }, pure, so that node can test it; before is the
//                        last such, ready what the promise of `ready` gave, undefined until then
//   cells(shown)         [rows, columns]: how far the arrow keys walk, and what the focus keeps to; where it is
//                        missing, `press` walks and the figure keeps to what it has
//   layout(frame)        lays out drawing and still parts, says where: { width, height, ... }; scrolls: true
//                        where it is wider than its room on purpose
//   at(frame, x, y)      [row, column] under the pointer, or null
//   draw(frame, focus)   paints the numbers; gives { status, label, title, lines }, or lists of lines
//   tables(shown, get)   arguments of `table`, one for each
//   keeps(frame)         how many lines are kept free, so that nothing jumps, for the sentence and the arithmetic,
//                        and for the sentence in a lecture, if not { status: 1, work: 6, lecture: 2 }
// and, if it has what these are for,
//   above(frame)         [{ root, draw(focus) }]: what stands over the drawing, made once and drawn with it
//   grab(frame, x, y)    what can be dragged from there: (x, y) -> traits to set, or null
//   press(frame, event)  traits that a key pressed on the drawing sets, or null
//   moves(frame, cell, walked)  traits that follow where the focus moves to this cell; walked: by a key, not
//                        by pointing
//   choose(frame, cell)  traits that a click on this cell sets, or Enter pressed at it, or null
//   pauses               traits that are typed: drawn when nothing more is typed for a moment
//   role                 of the drawing, if it is not a picture: "group" where it holds buttons
//   walks                a class: keys that are pressed on an element of it walk as on the drawing itself
//   ready(frame)         a promise of what comes later, such as a model: see weights.js. Until then the figure draws
//                        what it can without, and says so by data-waits; if it fails, the status says why
// A line of text may be a list of [kind, text], as `title` is: kind is a class, "sub", "sup" or "".

import {diverging, element, onTheme, scale, shape, table} from "./drawing.js";

const PAUSE = 120; // ms
const LATE = 2500; // ms, until a figure that waits says for what
const CURE = "Run this cell: its model comes with the kernel.";

export const rendering = (own) =>
  function render({model, el}) {
    const get = (name) => model.get(name);
    const root = element("div", {
      class: `attnlab attn-${own.name}`,
      "data-figure": own.name,
      "data-draws": 0,
      "data-lm-suppress-shortcuts": "true",
    });
    const drawing = element("div", {
      class: "attn-drawing",
      role: own.role ?? "img",
      tabindex: 0,
    });
    const svg = shape("svg", {"aria-hidden": "true"});
    const work = element("div", {class: "attn-work"});
    const status = element("div", {class: "attn-status", role: "status"});
    const details = element("details", {class: "attn-table"});
    const stage = element("div", {class: "attn-stage"});
    details.append(element("summary", {}, "table"));
    drawing.append(svg);
    stage.append(drawing, work);
    root.append(stage, status, details);
    el.append(root);

    // A name that no other figure of the page has: each is a module of its own, so counting won't do.
    const hatching = `attn-hatching-${Math.random().toString(36).slice(2)}`;
    const frame = {
      get,
      model,
      root,
      drawing,
      stage,
      svg,
      hatched: {style: `fill: url(#${hatching})`},
      place: null,
      shown: null,
      set(traits) {
        for (const [name, value] of Object.entries(traits)) model.set(name, value);
        model.save_changes();
      },
    };
    const above = own.above?.(frame) ?? [];
    const over = element("div", {class: "attn-above"});
    over.append(...above.flatMap((part) => part.root ?? []));
    if (over.hasChildNodes()) root.prepend(over);
    let held = null; // what is being dragged
    let ready; // what `ready` promised
    let trouble = ""; // why it is not there
    let gone = false;
    const due = {frame: null, pause: null, layout: false, numbers: false};
    takeColours();

    function takeColours() {
      frame.colours = scale(root);
      frame.signed = diverging(root);
    }

    function layout() {
      drawing.replaceChildren(svg);
      svg.replaceChildren(hatchPattern(hatching));
      frame.size = parseFloat(getComputedStyle(root).fontSize) || 13;
      frame.room = root.clientWidth || 640;
      frame.lecture = root.closest(".attn-lecture") !== null; // large, to be seen at once in a room
      frame.place = own.layout(frame);
      drawing.classList.toggle("attn-scrolls", Boolean(frame.place.scrolls));
      for (const name of ["width", "height"]) svg.setAttribute(name, frame.place[name]);
      const {status: lines = 1, work: more = 6, lecture = 2} = own.keeps?.(frame) ?? {};
      root.style.setProperty("--attn-status-lines", frame.lecture ? lecture : lines);
      root.style.setProperty("--attn-work-lines", more);
    }

    function draw(numbers = true) {
      if (numbers) frame.shown = own.compute(get, frame.shown, ready);
      if (!frame.place) layout();
      const focus = inFocus();
      const said = own.draw(frame, focus);
      for (const part of above) part.draw(focus);
      status.textContent = trouble || said.status;
      drawing.setAttribute("aria-label", said.label);
      writeWork(said);
      root.dataset.state = JSON.stringify(frame.shown.state);
      delete root.dataset.result; // of a moment ago
      root.dataset.focus = focus.length ? JSON.stringify(focus) : "";
      root.dataset.draws = Number(root.dataset.draws) + 1;
      if (details.open) fillTable();
    }

    // The focus within what is shown: there may be fewer cells than when it was put there.
    function inFocus() {
      const cells = own.cells?.(frame.shown) ?? [Infinity, Infinity];
      return get("focus").map((place, i) => Math.max(Math.min(place, cells[i] - 1), 0));
    }

    // All numbers as text take longer than to draw them: they are written when someone asks.
    const tell = () => {
      root.dataset.result = JSON.stringify(rounded(frame.shown.result));
    };

    function writeWork({title, lines}) {
      if (!lines) return work.replaceChildren();
      const head = element("div", {class: "attn-pair"});
      head.append(...inParts(title));
      const lists = element("div", {class: "attn-lists"}); // side by side where there is room
      for (const part of Array.isArray(lines[0][0]) ? lines : [lines]) {
        const list = element("dl");
        for (const [term, sum] of part) {
          const line = element("dd");
          line.append(...inParts(sum));
          list.append(element("dt", {}, term), line);
        }
        lists.append(list);
      }
      return work.replaceChildren(head, lists);
    }

    function fillTable() {
      details.querySelector(".attn-scroll")?.remove();
      const scroll = element("div", {class: "attn-scroll", tabindex: 0});
      scroll.append(...own.tables(frame.shown, get).map(table));
      details.append(scroll);
    }

    function moveTo(cell, walked = false) {
      if (cell && JSON.stringify(cell) !== JSON.stringify(get("focus"))) {
        frame.set({...own.moves?.(frame, cell, walked), focus: cell});
      }
    }

    function placeOf(event) {
      const box = drawing.getBoundingClientRect();
      const zoom = box.width / drawing.offsetWidth || 1; // slides are enlarged as a whole
      return [
        (event.clientX - box.left) / zoom + drawing.scrollLeft,
        (event.clientY - box.top) / zoom,
      ];
    }

    function point(event) {
      if (held) return frame.set(held(...placeOf(event)));
      return moveTo(own.at(frame, ...placeOf(event)));
    }

    function choose(cell) {
      const chosen = cell && own.choose?.(frame, cell);
      if (chosen) frame.set(chosen);
      return Boolean(chosen);
    }

    function take(event) {
      held = own.grab?.(frame, ...placeOf(event)) ?? null;
      if (!held) return point(event);
      event.preventDefault(); // or a text that was selected would be dragged in its place
      drawing.focus({preventScroll: true});
      drawing.setPointerCapture(event.pointerId);
      return drawing.classList.add("attn-held");
    }

    function letGo() {
      held = null;
      drawing.classList.remove("attn-held");
    }

    function walk(event) {
      event.stopPropagation();
      const steps = {
        ArrowUp: [-1, 0],
        ArrowDown: [1, 0],
        ArrowLeft: [0, -1],
        ArrowRight: [0, 1],
        Home: [0, -Infinity],
        End: [0, Infinity],
      };
      if (event.target !== drawing && !event.target.classList.contains(own.walks)) return;
      const focus = inFocus();
      if (event.key === "Enter" && focus.length && choose(focus)) return;
      const pressed = own.press?.(frame, event);
      if (!pressed && !(own.cells && event.key in steps)) return;
      event.preventDefault();
      if (pressed) {
        frame.set(pressed);
        return;
      }
      const [row, column] = focus.length ? focus : [0, 0];
      const [down, right] = focus.length ? steps[event.key] : [0, 0];
      const [rows, columns] = own.cells(frame.shown);
      const within = (value, size) => Math.min(Math.max(value, 0), size - 1);
      moveTo([within(row + down, rows), within(column + right, columns)], true);
      requestAnimationFrame(() => frame.place.scrolls && follow()); // when it is drawn
    }

    // Only the drawing scrolls: what is walked to comes into its middle.
    function follow() {
      const cell = svg.querySelector(".attn-cell")?.getBBox();
      if (cell) drawing.scrollLeft = cell.x + cell.width / 2 - drawing.clientWidth / 2;
    }

    const redraw = () => {
      frame.place = null;
      draw();
    };

    async function wait() {
      root.dataset.waits = "";
      const late = setTimeout(() => {
        trouble = CURE;
        if (!gone) draw(false);
      }, LATE);
      try {
        ready = await own.ready(frame);
        trouble = "";
      } catch (error) {
        trouble = error.message;
      }
      clearTimeout(late);
      delete root.dataset.waits;
      if (!gone) redraw();
    }

    // A message may change many traits: it is drawn once, with the next frame of the screen.
    function soon(name) {
      due.layout ||= own.rebuild.includes(name);
      due.numbers ||= name !== "focus"; // which changes none
      clearTimeout(due.pause);
      if (own.pauses?.includes(name)) due.pause = setTimeout(next, PAUSE);
      else next();
    }

    function next() {
      due.frame ??= requestAnimationFrame(() => {
        if (due.layout) frame.place = null;
        const {numbers} = due;
        Object.assign(due, {frame: null, layout: false, numbers: false});
        draw(numbers);
      });
    }

    const resized = new ResizeObserver(() => {
      const width = root.clientWidth;
      if (!width || (width === frame.width && width === frame.room)) return;
      frame.width = width;
      takeColours(); // a figure that is not on the page yet has no style to take them from
      redraw();
    });
    drawing.addEventListener("pointermove", point);
    drawing.addEventListener("pointerdown", take);
    drawing.addEventListener("click", (event) => choose(own.at(frame, ...placeOf(event))));
    // What is dragged by a finger does not scroll the page.
    drawing.addEventListener("touchstart", (event) => held && event.preventDefault(), {
      passive: false,
    });
    for (const end of ["pointerup", "pointercancel"]) drawing.addEventListener(end, letGo);
    root.addEventListener("keydown", walk);
    details.addEventListener("toggle", () => details.open && fillTable());
    root.addEventListener("attn-ask", tell);
    const off = onTheme(() => {
      takeColours();
      redraw();
    });
    const changes = own.synced.map((name) => [`change:${name}`, () => soon(name)]);
    for (const [event, answer] of changes) model.on(event, answer);
    draw();
    resized.observe(root);
    if (own.ready) wait();
    return () => {
      gone = true;
      for (const [event, answer] of changes) model.off(event, answer);
      clearTimeout(due.pause);
      cancelAnimationFrame(due.frame);
      resized.disconnect();
      off();
    };
  };

// Text, or parts of it that are coloured as what they belong to, or stand lower or higher.
const inParts = (text) =>
  typeof text === "string"
    ? [text]
    : text.map(([kind, part]) => {
        if (!kind) return part;
        return /^su[bp]$/.test(kind) ? element(kind, {}, part) : element("b", {class: kind}, part);
      });

const rounded = (value) =>
  Array.isArray(value)
    ? value.map(rounded)
    : typeof value === "number"
      ? Number(value.toFixed(6))
      : value;

function hatchPattern(id) {
  const pattern = shape("pattern", {
    id,
    width: 6,
    height: 6,
    patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)",
  });
  pattern.append(shape("path", {class: "attn-stroke", d: "M0 0v6"}));
  const defs = shape("defs");
  defs.append(pattern);
  return defs;
}
