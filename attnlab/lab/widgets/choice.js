// A list to choose one word from, dressed as the other controls are. The list of ipywidgets keeps
// the place of the choice in the browser, not the word, so it cannot be tied to a figure's word.

export default {
  render({model, el}) {
    const box = document.createElement("label");
    const word = document.createElement("span");
    const list = document.createElement("select");
    box.className =
      "widget-inline-hbox widget-dropdown jupyter-widget-inline-hbox jupyter-widget-dropdown";
    box.style.width = "auto";
    word.className = "widget-label jupyter-widget-label";
    word.style.width = "auto";
    word.textContent = model.get("description");
    for (const option of model.get("_options_labels")) list.append(new Option(option));
    const follow = () => {
      list.value = model.get("value");
    };
    const choose = () => {
      model.set("value", list.value);
      model.save_changes();
    };
    list.addEventListener("change", choose);
    box.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:value", follow);
    follow();
    box.append(word, list);
    el.append(box);
    return () => model.off("change:value", follow);
  },
};
