// Starts the slides. All figures are live; the keys that move them turn no slide (live.js).

Reveal.initialize({
  width: 1024,
  height: 768,
  margin: 0,
  minScale: 0.2,
  maxScale: 3,
  center: false,
  transition: "none",
  backgroundTransition: "none",
  hash: true,
  slideNumber: "c/t",
  controlsTutorial: false,
  navigationMode: "linear", // the right arrow misses no slide
  keyboardCondition: () => !document.activeElement?.closest(".attn-view"),
  plugins: [RevealNotes],
});
