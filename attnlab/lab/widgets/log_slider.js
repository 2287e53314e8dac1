// A number box and a slider on a logarithmic scale, dressed as those of ipywidgets are. The one of
// ipywidgets moves each number that one types, or that a figure starts with, to its nearest step.

// The number at a place of the slider, a power of 2, to three digits.
export const numberAt = (place) => Number((2 ** place).toPrecision(3));

export default {
  render({model, el}) {
    const row = document.createElement("div");
    const box = document.createElement("label");
    const word = document.createElement("span");
    const field = document.createElement("input");
    const slider = document.createElement("input");
    const [low, high] = [model.get("low"), model.get("high")];
    row.className = "attn-log";
    box.className = "widget-inline-hbox widget-text jupyter-widget-inline-hbox jupyter-widget-text";
    word.className = "widget-label jupyter-widget-label";
    word.textContent = model.get("description");
    Object.assign(field, {type: "number", step: "any", min: low, max: high});
    Object.assign(slider, {type: "range", step: model.get("step")});
    Object.assign(slider, {min: Math.log2(low), max: Math.log2(high)});
    slider.setAttribute("aria-label", `${word.textContent}, slider`);
    const follow = () => {
      const value = model.get("value");
      field.value = Number(value.toPrecision(4));
      slider.value = Math.log2(value);
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
    slider.addEventListener("input", () => set(numberAt(Number(slider.value))));
    row.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:value", follow);
    follow();
    box.append(word, field);
    row.append(box, slider);
    el.append(row);
    return () => model.off("change:value", follow);
  },
};
