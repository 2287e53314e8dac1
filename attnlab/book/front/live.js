// Makes the live figures of a page move, without a kernel: each from the state that the notebook stored.
//
// A place for a figure is <div class="attn-view" data-chapter="05" data-model="…">. When it comes near the
// window, the state of its chapter (05.js) and the widgets' own manager are loaded, from beside this file.

(() => {
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  const scripts = new Map();
  const managers = new Map();

  function script(name) {
    if (!scripts.has(name)) {
      scripts.set(name, new Promise((done, failed) => {
        const element = document.createElement("script");
        element.src = here + name;
        element.onload = done;
        element.onerror = () => failed(new Error(`${name} could not be loaded`));
        document.head.append(element);
      }));
    }
    return scripts.get(name);
  }

  const required = (names) =>
    new Promise((done, failed) => window.requirejs(names, (...modules) => done(modules), failed));

  let library;
  function widgets() {
    library ??= script("require.js").then(async () => {
      window.requirejs.config({ paths: { anywidget: `${here}anywidget` }, waitSeconds: 0 });
      await script("embed-amd.js");
      const [{ HTMLManager }] = await required(["@jupyter-widgets/html-manager"]);
      const load = (name, version) => required([name]).then(([module]) => module);
      return () => new HTMLManager({ loader: load });
    });
    return library;
  }

  // One manager a chapter: its models are linked with one another, and its ids are its own.
  function manager(chapter) {
    if (!managers.has(chapter)) {
      managers.set(chapter, Promise.all([widgets(), script(`${chapter}.js`)]).then(async ([make]) => {
        const made = make();
        await made.set_state({ version_major: 2, version_minor: 0, state: window.attnlabStates[chapter] });
        return made;
      }));
    }
    return managers.get(chapter);
  }

  async function start(place) {
    const own = await manager(place.dataset.chapter);
    const model = await own.get_model(place.dataset.model);
    const view = await own.create_view(model);
    place.replaceChildren();
    await own.display_view(view, place);
    place.addEventListener("keydown", (event) => event.stopPropagation()); // arrows turn mdBook's pages
  }

  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      start(target).catch((error) => console.error(error));
    }
  }, { rootMargin: "600px" });
  document.querySelectorAll(".attn-view").forEach((place) => near.observe(place));
})();
