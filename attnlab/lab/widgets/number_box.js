// A number box, dressed as those of ipywidgets are, for a slider whose steps have many digits: it
// shows four of them, and keeps the number that it was given until one types another.

export default {
  render({model, el}) {
    const box = document.createElement("label");
    const word = document.createElement("span");
    const field = document.createElement("input");
    box.className = "widget-inline-hbox widget-text jupyter-widget-inline-hbox jupyter-widget-text";
    box.style.width = "auto";
    word.className = "widget-label jupyter-widget-label";
    word.style.width = "auto";
    word.textContent = model.get("description");
    field.style.width = "62px";
    Object.assign(field, {
      type: "number",
      step: "any",
      min: model.get("low"),
      max: model.get("high"),
    });
    const follow = () => {
      field.value = Number(model.get("value").toPrecision(4));
    };
    const say = () => {
      const typed = Number(field.value);
      if (field.value.trim() !== "" && Number.isFinite(typed)) {
        model.set("value", Math.min(Math.max(typed, model.get("low")), model.get("high")));
        model.save_changes();
      }
      follow();
    };
    field.addEventListener("change", say);
    box.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:value", follow);
    follow();
    box.append(word, field);
    el.append(box);
    return () => model.off("change:value", follow);
  },
};
