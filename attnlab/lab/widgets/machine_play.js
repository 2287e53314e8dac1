// The row over a machine that writes: a word more, play and pause at the reader's pace, and all on again.

import {element} from "./drawing.js";
import {boxesIn} from "./machine_numbers.js";
import {playButton} from "./play_button.js";

const PACES = [3, 2, 1.4, 1, 0.7, 0.45, 0.3]; // seconds a word

const switchable = ({plan}) => boxesIn(plan).some(({switches = []}) => switches.length);

export function playRow(frame) {
  const root = element("div", {class: "attn-play"});
  const pace = element("input", {
    type: "range",
    min: 0,
    max: PACES.length - 1,
    step: 1,
    value: 3,
    "aria-label": "pace",
  });
  const label = element("label", {class: "attn-play-pace"});
  label.append("slow", pace, "fast");
  const next = element("button", {type: "button"}, "next word");
  const start = element("button", {type: "button"}, "from the start");
  const count = element("span", {class: "attn-play-count"});
  const back = element("button", {type: "button"}, "all on again");
  const now = () => Math.min(frame.get("step"), frame.shown.steps ?? 0);
  const ended = () => now() >= (frame.shown.steps ?? 0);
  const {button, pause, toggle} = playButton(frame, {
    class: "attn-play-button",
    pace: () => PACES[Number(pace.value)],
    ended,
    forward,
    begin,
  });
  const steps = [start, next, button, label, count];
  root.append(...steps, back);
  let before = {}; // what was shown last

  function forward() {
    if (frame.shown.steps === undefined) return;
    frame.set({step: ended() ? 0 : now() + 1});
  }
  function begin() {
    if (frame.shown.steps === undefined) return false;
    if (ended()) frame.set({step: 0});
    return true;
  }
  // Whoever has the whole translation on the page gets the whole of the next one too, unless a step is asked for.
  function follow({run, steps, state: {step}}) {
    const whole = steps !== undefined && ended();
    const grows = !whole && before.whole && before.run !== run && before.step === step;
    if (grows) requestAnimationFrame(() => frame.set({step: frame.shown.steps}));
    before = {run, step, whole: whole || grows};
  }
  next.addEventListener("click", () => ended() || forward());
  start.addEventListener("click", () => frame.set({step: 0}));
  back.addEventListener("click", () => frame.set({off: [], attention: true}));
  root.addEventListener("keydown", (event) => event.stopPropagation());
  frame.forward = forward;
  frame.toggle = toggle;
  return {
    root,
    draw() {
      const {shown} = frame;
      follow(shown);
      const writes = shown.steps !== undefined;
      for (const each of steps) each.hidden = !writes;
      next.disabled = ended();
      start.disabled = now() === 0;
      count.textContent = writes ? `${now()} of ${shown.steps} words` : "";
      back.classList.toggle("attn-hidden", shown.off.length === 0);
      root.hidden = !writes && !switchable(shown);
    },
    stop: pause,
  };
}
