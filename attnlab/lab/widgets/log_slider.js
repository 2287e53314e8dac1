// A number box and a slider on a logarithmic scale, dressed as those of ipywidgets are. The one of
// ipywidgets moves each number that one types, or that a figure starts with, to its nearest step.

// The number at a place of the slider, a power of 2 less `plus`, to three digits.
export const numberAt = (place, plus = 0) => Number((2 ** place - plus).toPrecision(3));

export default {
  render({model, el}) {
    const row = document.createElement("div");
    const box = document.createElement("label");
    const word = document.createElement("span");
    const field = document.createElement("input");
    const slider = document.createElement("input");
    const [low, high, plus] = [model.get("low"), model.get("high"), model.get("plus") ?? 0];
    const placeOf = (value) => Math.log2(value + plus);
    const step = model.get("step");
    row.className = "attn-log";
    box.className = "widget-inline-hbox widget-text jupyter-widget-inline-hbox jupyter-widget-text";
    word.className = "widget-label jupyter-widget-label";
    word.textContent = model.get("description");
    Object.assign(field, {type: "number", step: "any", min: low, max: high});
    Object.assign(slider, {type: "range", step});
    const end = placeOf(low) + step * Math.ceil((placeOf(high) - placeOf(low)) / step - 1e-9);
    Object.assign(slider, {min: placeOf(low), max: end}); // a whole number of steps
    slider.setAttribute("aria-label", `${word.textContent}, slider`);
    const follow = () => {
      const value = model.get("value");
      field.value = Number(value.toPrecision(4));
      slider.value = placeOf(value);
      slider.setAttribute("aria-valuetext", field.value);
    };
    const set = (value) => {
      model.set("value", Math.min(Math.max(value, low), high));
      model.save_changes();
    };
    const typed = () => {
      if (field.value.trim() !== "" && Number.isFinite(Number(field.value)))
        set(Number(field.value));
      follow();
    };
    field.addEventListener("change", typed);
    slider.addEventListener("input", () => set(numberAt(Number(slider.value), plus)));
    row.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:value", follow);
    follow();
    box.append(word, field);
    row.append(box, slider);
    el.append(row);
    return () => model.off("change:value", follow);
  },
};
