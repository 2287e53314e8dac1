// Byte-pair encoding: a text in pieces, the pairs that stand in it, and the merges that made the pieces.

import {
  compute,
  cutIntoPieces,
  learnMerges,
  MOST_PAIRS,
  mergedText,
  pieceShown,
} from "./byte_pair_sums.js";
import {shape, short} from "./drawing.js";
import {rendering} from "./frame.js";
import {mergeLines, mergeSentence, pairShown} from "./merge_words.js";
import {chipHeight, chipShapes, lineHeight, measuring, placeChips} from "./piece_chips.js";

const PHONE = 420;
const BESIDE = 620; // a room in which the merges stand beside the pairs

// How many lines the parts may take: of the text, of the pairs, of the merges, of the word.
function linesFor({room, lecture}) {
  if (lecture) return {text: 2, pairs: 4, made: 3, word: 1};
  return {text: room < BESIDE ? 9 : 6, pairs: MOST_PAIRS, made: 10, word: 2};
}

const chipOf = (piece) => {
  const shown = pieceShown(piece);
  return {shown, label: short(shown, 24), bytes: piece.length, broken: shown.includes("⟨"), piece};
};

function layout(frame) {
  const {room, size, lecture, svg, root} = frame;
  const measure = measuring(root);
  const most = linesFor(frame);
  const whole = Math.min(room, lecture ? 1150 : 900);
  const add = (name, attributes, text) => svg.appendChild(shape(name, attributes, text));
  const heading = (x, y) => add("text", {class: "attn-title", x, y: y + size});
  const kept = linesOfTexts(frame, {room: whole, most: most.text, measure});
  const text = {title: heading(0, 0), y: size + 10, room: whole, most: most.text, chips: add("g")};
  const note = add("text", {class: "attn-caption", x: 0, y: text.y + kept * lineHeight(size) + 10});
  const under = text.y + kept * lineHeight(size) + 30;
  const beside = whole >= BESIDE;
  const half = beside ? Math.round(0.44 * whole) : whole;
  const pairs = layPairs(frame, {y: under, room: half, rows: most.pairs, measure, heading});
  const made = layMade(frame, {
    x: beside ? half + 30 : 0,
    y: beside ? under : pairs.bottom + 16,
    room: beside ? whole - half - 30 : whole,
    most: most.made,
    measure,
    heading,
  });
  const down = Math.max(pairs.bottom, made.bottom) + 14;
  const wordLines = linesOfWords(frame, {room: whole, most: most.word, measure});
  const word = {
    title: heading(0, down),
    y: down + size + 10,
    room: whole,
    most: wordLines,
    chips: add("g"),
  };
  return {
    measure,
    text,
    note,
    pairs,
    made,
    word,
    width: whole,
    height: word.y + wordLines * lineHeight(size) + 4,
  };
}

// As many as the longest of the texts needs at first that are prepared, or that is typed.
const linesOfTexts = ({get}, {room, most, measure}) =>
  Math.max(
    ...[get("text"), ...get("texts")].map((text) => {
      const pieces = cutIntoPieces(text, []).map((each) => each.map(chipOf));
      return placeChips(pieces, {room, most, measure}).lines;
    }),
  );

// As many as the longest of the words needs that are prepared, or that is typed.
const linesOfWords = ({get, shown}, {room, most, measure}) =>
  Math.max(
    ...[shown.word, ...get("words")].map((word) => {
      const pieces = cutIntoPieces(word, []).map((each) => each.map(chipOf));
      return placeChips(pieces, {room, most, measure}).lines;
    }),
  );

// A row for each of the commonest pairs: its name, its bar, how often it stands there.
function layPairs({svg, size, shown}, {y, room, rows, measure, heading}) {
  const step = size + 10;
  const left = Math.min(Math.round(0.42 * room), Math.max(70, ...pairWidths(shown, measure)) + 12);
  const pairs = {
    title: heading(0, y),
    top: y + size + 12,
    step,
    rows,
    left,
    right: room - 34,
    high: shown.first.pairs[0]?.count ?? 1,
    marks: svg.appendChild(shape("g")),
  };
  return {...pairs, bottom: pairs.top + rows * step};
}

// How wide the names are of the pairs that are merged, and of those that are left in the end.
function pairWidths({learnt, text}, measure) {
  const last = mergedText(text, learnt).pairs.slice(0, MOST_PAIRS);
  return [...learnt, ...last].map(({pair}) => measure(pairShown(pair)));
}

// The name of a pair as it fits so much room.
function pairFitting(pair, room, measure) {
  let letters = 10;
  while (letters > 3 && measure(pairShown(pair, letters)) > room) letters--;
  return pairShown(pair, letters);
}

// Room for every merge that will be made, each with its number; those to come are not shown yet.
function layMade(frame, {x, y, room, most, measure, heading}) {
  const {svg, size, shown, get, set} = frame;
  const items = placeMerges(shown.learnt, {room, measure});
  frame.prepared ??= get("texts").map((text) => learnMerges(text, get("steps")));
  const needed = [shown.learnt, ...frame.prepared].map((learnt) =>
    linesOf(placeMerges(learnt, {room, measure})),
  );
  const lines = Math.min(most, Math.max(...needed));
  const group = svg.appendChild(shape("g", {class: "attn-pieces-made"}));
  group.addEventListener("click", ({target}) => {
    const which = target.closest("[data-merge]")?.dataset.merge;
    if (which) set({merges: Number(which)});
  });
  const top = y + size + 12;
  return {
    title: heading(x, y),
    x,
    top,
    items,
    lines,
    group,
    bottom: top + lines * lineHeight(size),
  };
}

// Where the merges stand in lines of so much room, one behind the other.
function placeMerges(learnt, {room, measure}) {
  let [at, line] = [0, 0];
  return learnt.map(({pair}, i) => {
    const chip = chipOf(pair.join(""));
    const number = measure(String(i + 1)) + 4;
    const width = Math.max(13, measure(chip.label) + 7);
    if (at && at + number + width > room) [at, line] = [0, line + 1];
    const item = {...chip, number, width, at, line};
    at += number + width + 12;
    return item;
  });
}

const linesOf = (items) => (items.at(-1)?.line ?? 0) + 1;

function draw(frame, focus) {
  const {shown, place, size} = frame;
  const chosen = chosenPair(shown, focus);
  drawText(frame, chosen);
  drawPairs(frame, chosen);
  drawMade(frame);
  const {word, pieces} = {
    word: shown.word,
    pieces: shown.wordPieces.map((each) => each.map(chipOf)),
  };
  const placed = placeChips(pieces, {...place.word, measure: place.measure});
  place.word.title.textContent = word.trim()
    ? `never met: “${short(word, 24)}”, ${counted(pieces.flat().length, "piece")}`
    : "never met: type a word";
  place.word.chips.replaceChildren(
    ...chipShapes(placed, {y: place.word.y, size, colours: frame.colours}),
  );
  const status = mergeSentence(shown);
  const pair = chosen && shown.pairs[chosen.row];
  return {
    status,
    label: `Byte-pair encoding. ${status} Up and Down walk over the pairs, Page Down makes the next merge, Page Up takes the last one back.`,
    ...(pair && {
      title: [["attn-key", pairShown(pair.pair)]],
      lines: mergeLines(shown, chosen.row, wordsTold(frame)),
    }),
  };
}

const counted = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

// The pair in focus, or that which is merged next.
function chosenPair({pairs}, focus) {
  if (!pairs.length) return null;
  const row = Math.min(focus[0] ?? 0, pairs.length - 1, MOST_PAIRS - 1);
  return {row, pair: pairs[row].pair, marked: focus.length > 0 || pairs[0].count > 1};
}

function drawText(frame, chosen) {
  const {
    shown,
    place: {text, note, measure},
    size,
    colours,
  } = frame;
  const newest = shown.merges.at(-1)?.pair.join("");
  const words = shown.pieces.map((pieces) => {
    const chips = pieces.map((piece) => ({...chipOf(piece), newest: piece === newest}));
    for (let i = 1; chosen?.marked && i < chips.length; i++) {
      const fits = pieces[i - 1] === chosen.pair[0] && pieces[i] === chosen.pair[1];
      if (!fits || chips[i - 1].under === "right") continue;
      [chips[i - 1].under, chips[i].under] = ["left", "right"];
    }
    return chips;
  });
  const placed = placeChips(words, {...text, measure});
  text.chips.replaceChildren(...chipShapes(placed, {y: text.y, size, colours}));
  const each = shown.count ? shown.characters / shown.count : 0;
  text.title.textContent = shown.count
    ? `${counted(shown.characters, "character")} in ${counted(shown.count, "piece")}, ${each.toFixed(1)} to a piece`
    : "type a few words";
  const phone = frame.room < PHONE;
  const under = frame.get("focus").length ? "in focus" : phone ? "next" : "merged next";
  const parts = [
    placed.left > 0 && `… ${placed.left} more`,
    newest && `ringed: ${phone ? "new" : "made last"}`,
    chosen?.marked && `underlined: ${under}`,
  ];
  note.textContent = parts.filter(Boolean).join("; ");
}

function drawPairs(frame, chosen) {
  const {
    shown,
    place: {pairs, measure},
  } = frame;
  const {title, marks, top, step, left, right, high, rows} = pairs;
  title.textContent = shown.pairs.length
    ? `${counted(shown.pairs.length, "pair")}, the commonest first`
    : "no pair is left";
  marks.replaceChildren();
  const add = (name, attributes, text) => marks.append(shape(name, attributes, text));
  const next = shown.pairs[0]?.count > 1 ? 0 : -1; // the row that is merged next
  shown.pairs.slice(0, rows).forEach(({pair, count}, row) => {
    const y = top + row * step;
    const middle = {y: y + step / 2, dy: "0.35em"};
    const wide = Math.max(2, ((right - left) * count) / high);
    add(
      "text",
      {...middle, class: row === next ? "attn-title" : "", x: left - 8, "text-anchor": "end"},
      pairFitting(pair, left - 10, measure),
    );
    add("rect", {
      class: row === next ? "attn-weight" : "attn-score",
      x: left,
      y: y + 4,
      width: wide,
      height: step - 8,
    });
    add("text", {...middle, class: "attn-numbers", x: left + wide + 6}, String(count));
  });
  const around = (row, kind) =>
    add("rect", {class: kind, x: 1, y: top + row * step, width: right + 30, height: step, rx: 3});
  if (next === 0) around(next, "attn-chosen");
  if (chosen?.marked && chosen.row !== next && chosen.row < rows) around(chosen.row, "attn-row");
  if (shown.pairs.length) add("path", {class: "attn-axis", d: `M${left} ${top}v${rows * step}`});
}

// The merges so far, with their numbers; of very many the last ones.
function drawMade(frame) {
  const {
    shown: {merges, learnt},
    size,
    colours,
    place: {made},
  } = frame;
  const {group, items, x, top, lines, title} = made;
  title.textContent = `256 bytes and ${counted(merges.length, "merge")}`;
  const last = items[merges.length - 1];
  const above = Math.max(0, (last?.line ?? 0) - lines + 1);
  group.replaceChildren();
  items.slice(0, merges.length).forEach((item, i) => {
    if (item.line < above) return;
    const y = top + (item.line - above) * lineHeight(size);
    const one = shape("g", {"data-merge": i + 1});
    one.append(
      shape("title", {}, `${i + 1}: ${pairShown(learnt[i].pair)}, ${learnt[i].count} times`),
      shape(
        "text",
        {
          class: "attn-caption attn-numbers",
          x: x + item.at,
          y: y + chipHeight(size) / 2,
          dy: "0.35em",
        },
        String(i + 1),
      ),
      ...chipShapes(
        {chips: [{...item, x: item.number, line: 0, newest: i === merges.length - 1}]},
        {x: x + item.at, y, size, colours},
      ),
    );
    group.append(one);
  });
}

// The pair under the pointer.
function at({place: {pairs}, shown}, x, y) {
  const row = Math.floor((y - pairs.top) / pairs.step);
  const here = row >= 0 && row < Math.min(pairs.rows, shown.pairs.length) && x <= pairs.right + 34;
  return here ? [row, 0] : null;
}

// A click on the commonest pair merges it.
const choose = ({shown: {pairs, merges, steps}}, [row]) =>
  row === 0 && pairs[0]?.count > 1 && merges.length < steps ? {merges: merges.length + 1} : null;

function press({shown: {merges, learnt}}, {key}) {
  const step = {PageDown: 1, PageUp: -1}[key];
  return step ? {merges: Math.min(Math.max(merges.length + step, 0), learnt.length)} : null;
}

const wordsTold = ({room}) => (room < PHONE ? 2 : 4);

function keeps(frame) {
  const lines = (letters, free) => Math.ceil((0.54 * frame.size * letters) / free);
  const beside = frame.room - 4.5 * frame.size;
  const work = lines(28 + 20 * wordsTold(frame), beside) + lines(64, beside);
  return {status: Math.max(2, lines(235, frame.room)), work};
}

function tables({pairs, merges}) {
  const names = (list) => list.map(({pair}) => pairShown(pair));
  const counts = (list) => list.map(({count}) => [String(count)]);
  const of = (caption, list, rows) => ({
    caption,
    corner: "pair",
    rows,
    columns: ["times"],
    values: counts(list),
  });
  const commonest = pairs.slice(0, 100);
  return [
    of("pairs of neighbours", commonest, names(commonest)),
    of(
      "merges made",
      merges,
      names(merges).map((name, i) => `${i + 1}: ${name}`),
    ),
  ];
}

export default {
  render: rendering({
    name: "merges",
    synced: ["text", "merges", "word", "steps", "focus"],
    rebuild: ["text", "steps"],
    pauses: ["text", "word"],
    compute,
    layout,
    draw,
    at,
    choose,
    press,
    tables,
    keeps,
    cells: ({pairs}) => [Math.max(1, Math.min(pairs.length, MOST_PAIRS)), 1],
  }),
};
