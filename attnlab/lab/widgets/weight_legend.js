// The scale of weights: from no weight to the strongest colour, with the largest weight at its right end.

import {number, shape} from "./drawing.js";

export function layLegend({svg, size}, {right, base}) {
  const text = {class: "attn-caption attn-numbers", y: base, "text-anchor": "end"};
  const high = shape("text", {...text, x: right});
  const scale = shape("g");
  for (let i = 0; i < 12; i++)
    scale.append(shape("rect", {x: 4 * i, y: base - size + 4, width: 4.2, height: size - 3}));
  scale.append(shape("text", {...text, x: -5}, "0"));
  svg.append(scale, high);
  return {right, scale, high};
}

export function paintLegend({right, scale, high}, most, colours) {
  high.textContent = number(most);
  scale.setAttribute("transform", `translate(${right - high.getComputedTextLength() - 54} 0)`);
  [...scale.querySelectorAll("rect")].forEach((rect, i) => {
    rect.style.fill = `rgb(${colours[Math.round((255 * i) / 11)].join(", ")})`;
  });
}
