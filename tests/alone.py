"""A figure alone in an empty page, drawn by its own code from the values of its traits."""

# Bytes are handed in as {"base64": ...}, with a shape if they are an array. `model` and `figure`
# are left in the page for the test; a figure with a model of ours is waited for.
START = """async ({code, values, room}) => {
  if (room) document.documentElement.className = "attn-lecture";
  for (const [name, value] of Object.entries(values)) {
    if (value?.base64 === undefined) continue;
    const bytes = Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0));
    values[name] = {shape: value.shape, data: new DataView(bytes.buffer)};
  }
  const heard = {};
  window.model = {get: (name) => values[name], save_changes() {}, off() {},
    on: (event, answer) => (heard[event] ??= []).push(answer),
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      for (const answer of heard[`change:${name}`] ?? []) answer();
    }};
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  (await import(url)).default.render({model, el: document.querySelector("main")});
  window.figure = document.querySelector("[data-figure]");
  while ("waits" in figure.dataset) await new Promise((next) => setTimeout(next, 5));
}"""
NEXT = "() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))"
