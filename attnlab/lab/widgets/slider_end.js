// The key End on a slider whose maximum has grown: it goes to the maximum that there is now.
//
// ipywidgets' slider (noUiSlider 15) goes to the one that it was made with. The number box beside it knows better.

const GROWS = ".attn-follows .noUi-handle";

function toTheEnd(event) {
  if (event.key !== "End" || !event.target.matches?.(GROWS)) return;
  const box = event.target.closest(".attn-follows").querySelector("input[type=number]");
  event.preventDefault();
  event.stopPropagation(); // on its way to the slider
  box.value = box.max;
  box.dispatchEvent(new Event("change", {bubbles: true}));
}

// Once a page, however many figures it has.
export function reachTheEnd() {
  if (!globalThis.document || window.attnlabReachesTheEnd) return;
  window.attnlabReachesTheEnd = true;
  document.addEventListener("keydown", toTheEnd, true);
}
