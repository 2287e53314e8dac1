// Makes the live figures of a page move, without a kernel: each from the state that the notebook stored.
//
// A place for a figure is <div class="attn-view" data-chapter="05" data-model="…" data-cell="…">, with its
// still picture in <noscript>. The state of its chapter (05.js; or the part of it that data-state names), the code that
// it names (code-….js) and the widgets' own manager are loaded from beside this file. A page that is printed shows the
// still pictures in its place.
//
// A link can say how a figure is to stand. It names the cell, and then values for traits of its figure:
//     05_many_heads.html#cell-the-figure?temperature=0.2&causal=true&focus=2,1
// The page scrolls to that figure and sets each trait, within the bounds that the figure declares for its
// controls; these are tied to the trait and follow. What the figure does not know is left.

(() => {
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  window.attnlabLive = here; // where a figure finds the weights of its model
  const needed = ["require.js", "embed-amd.js", "anywidget.js"];
  const CODE = ["_esm", "_css"]; // the traits of a model that hold code
  const onPaper = /\/print\.html$/.test(location.pathname);
  const scripts = new Map();
  const managers = new Map();
  const started = new Map();

  // Loading: asked for as soon as the parser comes to a figure; run when the page is parsed, because
  // mdBook's own scripts take the wrong way out where they find require.js.

  function preload(name) {
    const link = document.createElement("link");
    Object.assign(link, {rel: "preload", as: "script", href: here + name});
    document.head.append(link);
  }

  function script(name) {
    if (!scripts.has(name)) {
      scripts.set(
        name,
        new Promise((done, failed) => {
          const element = document.createElement("script");
          element.async = false; // in the order in which they are asked for, but fetched side by side
          element.src = here + name;
          element.onload = done;
          element.onerror = () => failed(new Error(`${name} could not be loaded`));
          document.head.append(element);
        }),
      );
    }
    return scripts.get(name);
  }

  const required = (name) => new Promise((done, failed) => window.requirejs([name], done, failed));

  let library;
  function widgets() {
    library ??= Promise.all([script("require.js"), script("embed-amd.js")]).then(async () => {
      window.requirejs.config({paths: {anywidget: `${here}anywidget`}, waitSeconds: 0});
      const [{HTMLManager}] = await quietly(() =>
        Promise.all([required("@jupyter-widgets/html-manager"), required("anywidget")]),
      );
      return () => new HTMLManager({loader: required});
    });
    return library;
  }

  // The manager checks a schema of its own as it starts, and warns of how that schema is written.
  async function quietly(call) {
    const {warn} = console;
    console.warn = (...words) => /strictTypes/.test(words[0]) || warn.apply(console, words);
    try {
      return await call();
    } finally {
      console.warn = warn;
    }
  }

  const stateOf = (chapter) => window.attnlabStates[chapter];
  const source = ({state, chapter}) => state ?? chapter;

  // The state of a chapter names the code of its figures; the files that hold it are shared by all chapters.
  async function complement(chapter) {
    await script(`${chapter}.js`);
    const states = Object.values(stateOf(chapter)).map(({state}) => state);
    const named = states.flatMap((state) =>
      CODE.filter((trait) => state[trait]).map((trait) => [state, trait]),
    );
    await Promise.all(named.map(([state, trait]) => script(`code-${state[trait]}.js`)));
    for (const [state, trait] of named) state[trait] = window.attnlabCode[state[trait]];
  }

  // One manager a chapter: its models are linked with one another, and its ids are its own.
  function manager(chapter) {
    if (!managers.has(chapter)) {
      managers.set(
        chapter,
        Promise.all([widgets(), complement(chapter)]).then(async ([make]) => {
          const made = make();
          await made.set_state({version_major: 2, version_minor: 0, state: stateOf(chapter)});
          return made;
        }),
      );
    }
    return managers.get(chapter);
  }

  // Starting: one figure in its place.

  function start(place) {
    if (!started.has(place))
      started.set(
        place,
        shown(place).catch((error) => fail(place, error)),
      );
    return started.get(place);
  }

  async function shown(place) {
    const own = await manager(source(place.dataset));
    const model = await own.get_model(place.dataset.model);
    const view = await own.create_view(model);
    const box = document.createElement("div");
    place.append(box);
    await own.display_view(view, box);
    await complete(view);
    box.querySelectorAll(".noUi-handle").forEach(name);
    await drawn(box);
    place.classList.add("attn-moving");
    return own;
  }

  async function complete(view) {
    for (const child of await Promise.all(view.children_views?.views ?? [])) await complete(child);
  }

  // Until the figure has drawn itself; anywidget loads its code, and says nothing when it is done.
  function drawn(box) {
    return new Promise((done, failed) => {
      const look = () => {
        if (!box.querySelector("[data-draws]")) return;
        watch.disconnect();
        done();
      };
      const watch = new MutationObserver(look);
      watch.observe(box, {childList: true, subtree: true});
      setTimeout(() => failed(new Error("its code did not draw it")), 20000);
      look();
    });
  }

  // A slider's handle has no name of its own: it is called as its number box is, and says its value.
  function name(handle) {
    const pair = handle.closest(".widget-hbox");
    const word = pair?.querySelector("label")?.textContent.trim();
    handle.setAttribute("aria-label", word || handle.closest("[title]")?.title || "value");
    const box = pair?.querySelector("input[type=number]");
    if (!box) return;
    // The slider says its value rounded to one place: it is to say what the box does.
    const say = () =>
      handle.getAttribute("aria-valuetext") === box.value ||
      handle.setAttribute("aria-valuetext", box.value);
    new MutationObserver(() => requestAnimationFrame(say)).observe(handle, {
      attributeFilter: ["aria-valuetext"],
    });
    say();
  }

  function fail(place, error) {
    console.error(error);
    const note = document.createElement("p");
    note.className = "attn-failed";
    note.textContent = `This figure cannot be moved here (${error.message ?? error}). Its picture:`;
    const image = place.querySelector(".attn-still");
    place.replaceChildren(note, image ?? "");
    place.classList.add("attn-stopped");
    image?.removeAttribute("loading");
    if (image) image.hidden = false;
  }

  // The picture of a figure, or the words of a quiz, wait in <noscript>, whose inside is only text as long as scripts run.
  // Hidden and lazy, it is fetched when the page is printed (or needed) and not before.
  function keepStill(place) {
    const waiting = place.querySelector("noscript")?.textContent ?? "";
    const still = new DOMParser().parseFromString(waiting, "text/html").body.firstElementChild;
    if (!still) return;
    still.classList.add("attn-still");
    still.hidden = true;
    if (still.matches("img")) still.loading = "lazy";
    place.append(still);
  }

  // Links that say how a figure is to stand.

  const NAMES = ["off", "unfolded"]; // what they set is a list of parts of a machine's plan

  async function follow() {
    const [, cell, asked] = location.hash.match(/^#(cell-[^?]+)\?(.*)$/) ?? [];
    if (!cell) return;
    const id = decodeURIComponent(cell).slice(5);
    const places = [...document.querySelectorAll(`.attn-view[data-cell="${CSS.escape(id)}"]`)];
    for (const place of places) place.closest("details")?.setAttribute("open", "");
    const show = () => (places[0] ?? document.getElementById(`cell-${id}`))?.scrollIntoView();
    show();
    for (const place of places) {
      const own = await start(place);
      if (own) set(await figureIn(own, place.dataset), new URLSearchParams(asked));
    }
    show(); // figures above it may have grown
  }

  // The model of the figure in a place: the one that says what can be set.
  async function figureIn(own, place) {
    const state = stateOf(source(place));
    const below = (id) => [
      id,
      ...(state[id].state.children ?? []).flatMap((child) => below(child.slice(10))),
    ];
    return own.get_model(
      below(place.model).find((id) => "settings" in state[id].state) ?? place.model,
    );
  }

  function set(figure, values) {
    for (const [trait, text] of values) {
      const setting = figure.get("settings")?.find((each) => each.trait === trait);
      const known = NAMES.includes(trait) ? JSON.stringify(figure.get("plan") ?? {}) : undefined;
      const told = {...setting, known};
      const value = figure.has(trait) ? read(text, figure.get(trait), told) : undefined;
      if (value !== undefined) figure.set(trait, value);
    }
    figure.save_changes();
  }

  // The text of a link as a value of the kind that stands there now, or undefined.
  function read(text, now, {options, low = -Infinity, high = Infinity, step, known}) {
    if (typeof now === "boolean") return {true: true, false: false}[text];
    if (known) return text.split(",").filter((name) => known.includes(`"${name}"`));
    if (Array.isArray(now)) return text.match(/\d+/g)?.map(Number) ?? [];
    if (typeof now !== "number") return options && !options.includes(text) ? undefined : text;
    const value = text.trim() === "" ? NaN : Number(text);
    if (!Number.isFinite(value)) return undefined;
    return Math.min(Math.max(step === 1 ? Math.round(value) : value, low), high);
  }

  // The page.

  const near = new IntersectionObserver(
    (seen) => {
      for (const {isIntersecting, target} of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        start(target);
      }
    },
    {rootMargin: "600px"},
  );

  function begin() {
    const places = [...document.querySelectorAll(".attn-view")];
    places.forEach(keepStill);
    if (onPaper) {
      document
        .querySelectorAll("img[loading]")
        .forEach((image) => image.removeAttribute("loading"));
      document.querySelectorAll(".attn-still").forEach((image) => {
        image.hidden = false;
      });
      return;
    }
    if (places.length) widgets().catch(() => {}); // each figure says it in its place
    for (const place of places) {
      place.addEventListener("keydown", (event) => event.stopPropagation()); // or arrows turn the page
      near.observe(place);
    }
    follow();
    addEventListener("hashchange", follow);
  }

  if (document.readyState !== "loading") {
    begin();
  } else {
    const parsing = new MutationObserver(() => {
      const first = document.querySelector(".attn-view");
      if (!first || onPaper) return;
      parsing.disconnect();
      [...needed, `${source(first.dataset)}.js`].forEach(preload);
    });
    parsing.observe(document, {childList: true, subtree: true});
    document.addEventListener("DOMContentLoaded", () => {
      parsing.disconnect();
      begin();
    });
  }
})();
