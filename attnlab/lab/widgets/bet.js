// A bet on a claim, before the experiment: true, false or depends, and how sure. It can be changed until the verdict
// is read (bet_verdict.js), and gives nothing away. No kernel is needed.

import {asking, button, choices, chosen, told} from "./asking.js";
import {element} from "./drawing.js";
import {keepBet, keptBets} from "./kept_bets.js";

// What is said of the bet as it stands.
export function standing(given, sure, settled) {
  if (!given) return settled ? "The verdict is out." : "The experiment decides.";
  const bet = `Your bet: ${given}, ${sure} % sure.`;
  return settled ? `${bet} The verdict is out.` : bet;
}

// What is still to be said before a bet can be placed.
export function missing(given, sure) {
  if (!given) return "Say true, false or depends.";
  return sure ? "" : "Say how sure you are.";
}

export default {
  render({model, el}) {
    const root = asking(el, "bet");
    root.append(element("p", {class: "attn-statement"}, model.get("statement")));
    const says = choices(
      "You say",
      model.get("answers").map((answer) => [answer, answer]),
    );
    const level = choices(
      "How sure?",
      model.get("levels").map((sure) => [sure, `${sure} %`]),
    );
    root.append(says.group, level.group);
    const {press, hint} = button(root, "place the bet", say);
    const status = element("div", {class: "attn-status", role: "status"});
    hint.before(status);

    function draw() {
      const [given, sure, settled] = ["given", "sure", "settled"].map((name) => model.get(name));
      for (const [group, value] of [
        [says, given],
        [level, String(sure)],
      ]) {
        group.group.disabled = settled;
        for (const box of group.boxes) {
          if (given) box.checked = box.value === value;
          box.parentElement.classList.toggle("attn-given", Boolean(given) && box.value === value);
        }
      }
      press.textContent = given ? "change the bet" : "place the bet";
      press.disabled = settled;
      status.textContent = standing(given, sure, settled);
      told(root, {given, sure, settled}, []);
    }

    function say() {
      const [given, sure] = [chosen(says.boxes), Number(chosen(level.boxes))];
      hint.textContent = missing(given, sure);
      if (hint.textContent || model.get("settled")) return;
      place({given, sure});
      keepBet(model.get("claim"), {given, sure});
    }

    function place(bet) {
      for (const [name, value] of Object.entries(bet)) model.set(name, value);
      model.save_changes();
      draw();
    }

    const names = ["given", "sure", "settled"];
    for (const name of names) model.on(`change:${name}`, draw);
    const before = keptBets()[model.get("claim")];
    if (before && !model.get("given") && model.get("levels").includes(before.sure)) {
      place({given: before.given, sure: before.sure, settled: "right" in before});
    } else draw();
    return () => {
      for (const name of names) model.off(`change:${name}`, draw);
    };
  },
};
