// What a quiz and a bet share: answers of which one is chosen, and a button that says it.

import {element} from "./drawing.js";

// The box of a question, and the place in which it stands.
export function asking(el, kind) {
  const root = element("div", {
    class: `attnlab attn-asking attn-${kind}`,
    "data-figure": kind,
    "data-draws": 0,
    "data-lm-suppress-shortcuts": "true",
  });
  el.append(root);
  el.classList.add("attn-asked");
  return root;
}

// Answers to choose from, each a pair of what is kept and what is read: the group, and its boxes.
export function choices(legend, answers) {
  const name = `attn-${Math.random().toString(36).slice(2)}`;
  const group = element("fieldset");
  group.append(element("legend", {}, legend));
  const boxes = answers.map(([value, words]) => {
    const label = element("label");
    const box = element("input", {type: "radio", name, value});
    label.append(box, element("span", {}, words));
    group.append(label);
    return box;
  });
  return {group, boxes};
}

export const chosen = (boxes) => boxes.find((box) => box.checked)?.value ?? "";

// A button, and beside it a hint; Enter on an answer presses it too.
export function button(root, words, say) {
  const row = element("div", {class: "attn-say"});
  const press = element("button", {type: "button"}, words);
  const hint = element("span", {class: "attn-quiet"});
  row.append(press, hint);
  root.append(row);
  press.addEventListener("click", say);
  root.addEventListener("change", () => {
    hint.textContent = "";
  });
  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the page turns on Left and Right
    if (event.key === "Enter" && event.target.type === "radio") say();
  });
  return {press, hint};
}

// The words for screen readers and tests: what was answered, and that it was drawn.
export function told(root, state, result) {
  root.dataset.state = JSON.stringify(state);
  root.dataset.result = JSON.stringify(result);
  root.dataset.draws = Number(root.dataset.draws) + 1;
}
