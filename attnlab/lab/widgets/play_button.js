// A button that goes on step by step until the last one, or until it is pressed again.

import {element} from "./drawing.js";

// Whether the reader has asked that nothing moves by itself.
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// pace: () -> seconds a step; ended: () -> whether the last step is shown; forward: goes a step on, from the last one to
// the first; begin: what a press does at once, which gives false where there is nothing to play.
export function playButton(frame, {pace, ended, forward, begin, ...attributes}) {
  const button = element("button", {type: "button", ...attributes});
  let timer = null;
  function say(playing) {
    button.textContent = playing ? "⏸ pause" : "▶ play";
    button.setAttribute("aria-pressed", String(playing));
  }
  function pause() {
    clearTimeout(timer);
    timer = null;
    say(false);
  }
  function beat() {
    timer = setTimeout(() => {
      if (!frame.root.isConnected || ended()) return pause();
      forward();
      return ended() ? pause() : beat();
    }, 1000 * pace());
  }
  function toggle() {
    if (timer) return pause();
    if (still()) return forward(); // a press is a step
    if (begin() === false) return undefined;
    say(true);
    return beat();
  }
  say(false);
  button.addEventListener("click", toggle);
  return {button, pause, toggle};
}
