// What became of a bet, beside what was bet. The bet stands fast from the moment at which this is read.

import {element} from "./drawing.js";
import {calibration, keepBet, keptBets} from "./kept_bets.js";

const FOUND = {true: "true", false: "false", caveat: "true, with a caveat"};

// What was bet, and what the experiment says.
export function verdict({given, sure, found, because}) {
  const bet = given ? `You bet ${given}, ${sure} % sure.` : "No bet was placed.";
  return [bet, `The experiment says: ${FOUND[found]}.`, because];
}

export const isRight = (given, found) => given === (found === "caveat" ? "depends" : found);

export default {
  async render({model, el}) {
    const bet = await model.widget_manager.get_model(model.get("bet").slice(10)); // behind its mark
    const root = element("div", {class: "attnlab attn-found", "data-figure": "bet-verdict"});
    root.setAttribute("role", "status");
    root.dataset.draws = 0;
    const parts = ["attn-quiet", "attn-says", "", "attn-quiet"].map((kind) =>
      element("p", {class: kind}),
    );
    root.append(...parts);
    el.append(root);
    el.classList.add("attn-asked");
    const now = () =>
      Object.fromEntries(
        ["claim", "given", "sure", "found", "because", "settled"].map((name) => [
          name,
          bet.get(name),
        ]),
      );

    function draw() {
      const {given, sure, found} = now();
      const words = [...verdict(now()), given ? calibration(keptBets(), sure) : ""];
      parts.forEach((part, i) => {
        part.textContent = words[i];
        part.hidden = !words[i];
      });
      root.classList.toggle("attn-right", Boolean(given) && isRight(given, found));
      root.dataset.state = JSON.stringify({given, sure});
      root.dataset.draws = Number(root.dataset.draws) + 1;
    }

    // From here on the bet stands fast, for whoever reads this has the verdict.
    function settle() {
      const {claim, given, sure, found, settled} = now();
      if (settled || !root.checkVisibility({visibilityProperty: true})) return;
      if (given) keepBet(claim, {given, sure, right: isRight(given, found)});
      bet.set("settled", true);
      bet.save_changes();
    }

    const seen = new IntersectionObserver(
      (all) => all.some((one) => one.isIntersecting) && settle(),
    );
    seen.observe(root);
    document.addEventListener("fragmentshown", settle); // on the slides
    const names = ["given", "sure", "settled"];
    for (const name of names) bet.on(`change:${name}`, draw);
    draw();
    return () => {
      seen.disconnect();
      document.removeEventListener("fragmentshown", settle);
      for (const name of names) bet.off(`change:${name}`, draw);
    };
  },
};
