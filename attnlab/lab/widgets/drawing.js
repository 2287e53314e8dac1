// Drawing for all live figures: elements, words and colours, in the language that they share.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes; text only ever goes in as text.
export function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  return dress(made, attributes, text);
}

export function shape(name, attributes = {}, text = "") {
  return dress(document.createElementNS(SVG, name), attributes, text);
}

function dress(made, attributes, text) {
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== "") made.textContent = text;
  return made;
}

// A word as it fits a label; what is left out stands in the title.
export const short = (word, most = 14) => {
  const letters = Array.from(word);
  return isolated(letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : word);
};

// A text with letters that are written from right to left, apart from what stands beside it: between
// these marks it does not draw arrows, numbers and other words to its side.
const LEFTWARD = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
export const isolated = (text) => (LEFTWARD.test(text) ? `\u2068${text}\u2069` : text);

// How many pixels the longest of these words takes, in the letters of the figure.
export function widest(root, words) {
  const pen = element("canvas").getContext("2d");
  const {fontSize, fontFamily} = getComputedStyle(root);
  pen.font = `${fontSize} ${fontFamily}`;
  return Math.max(...words.map((word) => pen.measureText(word).width));
}

// Two places, with a real minus sign; very large and very small numbers as powers of ten.
export function number(value, places = 2) {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size >= 1e5 || size < 0.5 * 10 ** -places)
      ? value.toExponential(1)
      : value.toFixed(places);
  return text.replace(/-/g, "−");
}

// A weight as it fits a cell: .41, and .00 for what is very small.
export const share = (weight) =>
  number(weight)
    .replace(/^0(?=\.)/, "")
    .replace(/^.*e.*$/, ".00");

// As a person writes it: 3, not 3.00.
export const plain = (value) =>
  Number.isInteger(value) && Math.abs(value) < 1e5 ? number(value, 0) : number(value);

export const signed = (value) => (value < 0 ? `(${plain(value)})` : plain(value));

// 256 colours from little to much, as the theme's two ends say, even to the eye (oklab).
export const scale = (root) => between(root, ["--attn-little", "--attn-much"]);

// 256 colours for signed values: zero lies in the middle and is the colour of nothing.
export function diverging(root) {
  const negative = between(root, ["--attn-negative", "--attn-little"]);
  const positive = between(root, ["--attn-little", "--attn-positive"]);
  return [...negative.filter((_, i) => i % 2 === 0), ...positive.filter((_, i) => i % 2 === 1)];
}

function between(root, names) {
  const style = getComputedStyle(root);
  const [first, last] = names.map((name) => style.getPropertyValue(name));
  const canvas = element("canvas", {width: 256, height: 1});
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  for (let i = 0; i < 256; i++) {
    pen.fillStyle = `color-mix(in oklab, ${last} ${(100 * i) / 255}%, ${first})`;
    pen.fillRect(i, 0, 1, 1);
  }
  const {data} = pen.getImageData(0, 0, 256, 1);
  return Array.from({length: 256}, (_, i) => Array.from(data.subarray(4 * i, 4 * i + 3)));
}

// Whether black reads better than white on this colour (WCAG 2 relative luminance).
export function isLight([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18;
}

// Calls back when light turns to dark or back, in JupyterLab, in a book or by the system.
export function onTheme(callback) {
  const observer = new MutationObserver(callback);
  const options = {
    attributes: true,
    attributeFilter: ["class", "data-jp-theme-light", "data-theme"],
  };
  observer.observe(document.body, options);
  observer.observe(document.documentElement, options);
  return () => observer.disconnect();
}

// A real table with header cells.
export function table({caption, corner = "query", rows, columns, values}) {
  const made = element("table");
  made.append(element("caption", {}, caption));
  const head = made.createTHead().insertRow();
  head.append(element("th", {scope: "col"}, corner));
  columns.forEach((word) => head.append(element("th", {scope: "col"}, short(word))));
  const body = made.createTBody();
  values.forEach((row, i) => {
    const line = body.insertRow();
    line.append(element("th", {scope: "row"}, short(rows[i])));
    row.forEach((value) => line.append(element("td", {}, value)));
  });
  return made;
}
