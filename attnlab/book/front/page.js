// What this book does otherwise than mdBook: two themes, and nothing that only a mouse can reach.

(() => {
  const root = document.documentElement;
  const others = ["rust", "coal", "ayu"];
  const tables = ".attn-out, .table-wrapper";
  const scrolling = "pre > code, pre.attn-text, .attn-out, .table-wrapper, .katex-display";

  // The figures know two themes. Their buttons go before mdBook reads which themes there are.
  function twoThemes() {
    for (const name of others)
      document.getElementById(`mdbook-theme-${name}`)?.parentElement.remove();
    const dark = document.getElementById("mdbook-theme-navy");
    if (dark?.textContent === "Navy") dark.textContent = "Dark";
    return Boolean(dark);
  }

  // The sign that opens the table of contents is a label: a button in all but name.
  function button(sign) {
    if (!sign) return;
    sign.setAttribute("role", "button");
    sign.tabIndex = 0;
    sign.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sign.click();
    });
  }

  // What is wider than the page scrolls in its own box, so that box can be reached by Tab.
  function reachable() {
    for (const box of document.querySelectorAll(scrolling)) {
      if (box.closest(".attn-view")) continue;
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else if (!box.matches("pre")) box.removeAttribute("tabindex");
      if (box.matches(tables)) more(box);
    }
  }

  // A table that goes on to the right has a shade at that edge.
  function more(box) {
    box.classList.toggle("attn-more", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  }

  // The first stop of Tab leads past the table of contents.
  function skip(main) {
    main.id ||= "attn-main";
    main.tabIndex = -1;
    const link = document.createElement("a");
    Object.assign(link, {
      className: "attn-skip",
      href: `#${main.id}`,
      textContent: "Skip to the text",
    });
    document.body.prepend(link);
  }

  // There, left and right scroll; everywhere else they turn the page.
  function scrolls(event) {
    const box = event.target.closest?.(scrolling);
    if (box && /^Arrow(Left|Right)$/.test(event.key)) event.stopPropagation();
  }

  // A caption and a verdict are paragraphs like others; their first words say what they are.
  const parts = [
    [/^(Figure|Table) \d/, "attn-legend"],
    [/^True, with a caveat/, "attn-verdict attn-caveat"],
    [/^True\b/, "attn-verdict attn-true"],
    [/^False\b/, "attn-verdict attn-false"],
  ];
  function parted() {
    for (const first of document.querySelectorAll(
      ":is(main, .attn-predicted) > p > strong:first-child",
    )) {
      if (first.previousSibling) continue;
      const found = parts.find(([words]) => words.test(first.textContent));
      if (found) first.parentElement.classList.add(...found[1].split(" "));
    }
  }

  const parsing = new MutationObserver(() => twoThemes() && parsing.disconnect());
  parsing.observe(document, {childList: true, subtree: true});
  document.addEventListener("DOMContentLoaded", () => {
    parsing.disconnect();
    twoThemes();
    root.classList.remove(...others);
    button(document.getElementById("mdbook-sidebar-toggle"));
    parted();
    const main = document.querySelector("main");
    skip(main);
    main.addEventListener("keydown", scrolls);
    document.addEventListener(
      "scroll",
      ({target}) => target.matches?.(tables) && more(target),
      true,
    );
    new ResizeObserver(reachable).observe(main);
  });
})();
