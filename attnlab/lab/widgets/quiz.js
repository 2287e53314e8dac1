// A question with several answers: choose one, say "answer", and read why it is right or not. No kernel is needed.

import {asking, button, choices, chosen, told} from "./asking.js";
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
    const root = asking(el, "quiz");
    const {group, boxes} = choices(
      model.get("question"),
      answers.map(([answer]) => [answer, answer]),
    );
    root.append(group);
    const {hint} = button(root, "answer", say);
    const status = element("div", {class: "attn-status", role: "status"});
    root.append(status);

    function draw() {
      const given = model.get("given");
      for (const box of boxes) {
        if (given) box.checked = box.value === given;
        box.parentElement.classList.toggle("attn-given", box.value === given);
        box.parentElement.classList.toggle("attn-right", given === right && box.value === right);
      }
      status.textContent = verdict(answers, right, given);
      told(root, {given}, given ? [Number(given === right)] : []);
    }

    function say() {
      hint.textContent = chosen(boxes) ? "" : "Choose one first.";
      if (!chosen(boxes)) return;
      model.set("given", chosen(boxes));
      model.save_changes();
    }

    model.on("change:given", draw);
    draw();
    return () => model.off("change:given", draw);
  },
};
