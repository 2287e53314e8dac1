// A button that adds to a number, and beside it one that takes the number back to its start.

export default {
  render({model, el}) {
    const row = document.createElement("div");
    const dress = (text, title) => {
      const button = document.createElement("button");
      Object.assign(button, {type: "button", textContent: text, title});
      button.className = "widget-button jupyter-widgets jupyter-button attn-press";
      row.append(button);
      return button;
    };
    row.className = "attn-presses";
    const label = model.get("description");
    const more = dress(model.get("says"), label);
    const back = dress(model.get("back"), `${label}: back to ${model.get("start")}`);
    back.classList.add("attn-back");
    const set = (value) => {
      model.set("value", value);
      model.save_changes();
    };
    const follow = () => {
      back.disabled = model.get("value") === model.get("start");
    };
    more.addEventListener("click", () => set(model.get("value") + model.get("add")));
    back.addEventListener("click", () => set(model.get("start")));
    row.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:value", follow);
    follow();
    el.append(row);
    return () => model.off("change:value", follow);
  },
};
