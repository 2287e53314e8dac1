// A question with several answers: choose one, say "answer", and read why it is right or not. No kernel is needed.

import {element} from "./drawing.js";

// What is said of the answer `given`: nothing before there is one.
export function verdict(answers, right, given) {
  if (!given) return "";
  const reason = answers.find(([answer]) => answer === given)[1];
  return `${given === right ? "Right." : "Not quite."} ${reason}`;
}

export default {
  render({model, el}) {
    const answers = model.get("answers");
    const right = model.get("right");
    const name = `attn-quiz-${Math.random().toString(36).slice(2)}`;
    const root = element("div", {
      class: "attnlab attn-quiz",
      "data-figure": "quiz",
      "data-draws": 0,
      "data-lm-suppress-shortcuts": "true",
    });
    const group = element("fieldset");
    const button = element("button", {type: "button"}, "answer");
    const status = element("div", {class: "attn-status", role: "status"});
    const hint = element("span", {class: "attn-quiet"});
    group.append(element("legend", {}, model.get("question")));
    const boxes = answers.map(([answer]) => {
      const label = element("label");
      const box = element("input", {type: "radio", name, value: answer});
      label.append(box, element("span", {}, answer));
      group.append(label);
      return box;
    });
    const row = element("div", {class: "attn-say"});
    row.append(button, hint);
    root.append(group, row, status);
    el.append(root);
    el.classList.add("attn-asked");

    function draw() {
      const given = model.get("given");
      for (const box of boxes) {
        if (given) box.checked = box.value === given;
        box.parentElement.classList.toggle("attn-given", box.value === given);
        box.parentElement.classList.toggle("attn-right", given === right && box.value === right);
      }
      status.textContent = verdict(answers, right, given);
      root.dataset.state = JSON.stringify({given});
      root.dataset.result = JSON.stringify(given ? [Number(given === right)] : []);
      root.dataset.draws = Number(root.dataset.draws) + 1;
    }

    function say() {
      const chosen = boxes.find((box) => box.checked);
      hint.textContent = chosen ? "" : "Choose one first.";
      if (!chosen) return;
      model.set("given", chosen.value);
      model.save_changes();
    }

    button.addEventListener("click", say);
    group.addEventListener("change", () => {
      hint.textContent = "";
    });
    root.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the page turns on Left and Right
      if (event.key === "Enter" && event.target.type === "radio") say();
    });
    model.on("change:given", draw);
    draw();
    return () => model.off("change:given", draw);
  },
};
