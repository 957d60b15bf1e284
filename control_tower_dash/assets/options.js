/* The menu of every card: its table, its files, its picture. One menu serves all cards. */
(function () {
  "use strict";
  const FILES = [["csv", "Download CSV"], ["xlsx", "Download Excel"]];
  const PICTURES = [["png", "Download PNG"], ["svg", "Download SVG"]];
  const EDGE = 8;

  let menu = null;
  let opener = null;

  function close(isFocusKept) {
    if (!menu) return;
    menu.remove();
    menu = null;
    opener.setAttribute("aria-expanded", "false");
    opener.removeAttribute("aria-controls");
    if (isFocusKept) opener.focus();
    opener = null;
  }

  function entry(label, act, href) {
    const one = document.createElement(href ? "a" : "button");
    if (href) one.href = href;
    else one.type = "button";
    one.textContent = label;
    one.setAttribute("role", "menuitem");
    one.tabIndex = -1;
    // Followed by the browser itself: it is a file, not a page of the app.
    one.addEventListener("click", () => {
      close(true);
      if (act) act();
    });
    return one;
  }

  /** Return where a file of what is shown is had: with the filters of the page, and its ticket. */
  function fileOf(element, kind) {
    const query = new URLSearchParams(window.location.search);
    const ticket = /^\/ticket\/(\d+)$/.exec(window.location.pathname);
    if (ticket) query.set("ticket", ticket[1]);
    const text = query.toString();
    return `/export/${element}.${kind}${text ? `?${text}` : ""}`;
  }

  function takePicture(section, element, format) {
    const graph = section.querySelector(".js-plotly-plot");
    window.Plotly.downloadImage(graph, {
      format, filename: element, width: graph.clientWidth, height: graph.clientHeight,
      scale: format === "png" ? 2 : 1,
    });
  }

  /** Put the menu where its button is, below it where there is room. */
  function put() {
    const place = opener.getBoundingClientRect();
    const fits = place.bottom + menu.offsetHeight + EDGE <= window.innerHeight;
    menu.style.top = `${fits ? place.bottom + 2 : Math.max(EDGE, place.top - menu.offsetHeight - 2)}px`;
    menu.style.left = `${Math.max(EDGE, place.right - menu.offsetWidth)}px`;
  }

  /** Go along with the button; a closing window that gives the page its scrolling back moves it. */
  function follow() {
    if (!menu) return;
    const { top, bottom } = opener.getBoundingClientRect();
    if (opener.isConnected && bottom > 0 && top < window.innerHeight) put();
    else close(false);
  }

  function open(button) {
    close(false);
    opener = button;
    const { element, kind } = button.dataset;
    const section = button.closest("section");
    const isFigure = kind === "figure";
    menu = document.createElement("div");
    menu.id = "options-menu";
    menu.className = "options-menu";
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", button.getAttribute("aria-label"));
    if (isFigure) {
      menu.append(entry("View as table", () => window.dash_clientside.set_props("table-asked",
        { data: { element, at: Date.now() } })));
    }
    FILES.forEach(([format, label]) => menu.append(entry(label, null, fileOf(element, format))));
    if (isFigure) {
      PICTURES.forEach(([format, label]) =>
        menu.append(entry(label, () => takePicture(section, element, format))));
    }
    // Beside its button in the order of the page, for those who read it aloud.
    button.after(menu);
    put();
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", menu.id);
    menu.firstElementChild.focus();
  }

  function move(key) {
    const all = [...menu.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key];
    all[(to + all.length) % all.length].focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".options");
    if (!button) {
      if (menu && !menu.contains(event.target)) close(false);
    } else if (button === opener) close(true);
    else open(button);
  });
  document.addEventListener("keydown", (event) => {
    if (!menu) return;
    if (event.key === "Escape") {
      close(true);
    } else if (event.key === "Tab") {
      close(true);
      return;
    } else if (["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
      move(event.key);
    } else return;
    event.preventDefault();
  });
  ["scroll", "resize"].forEach((what) =>
    window.addEventListener(what, follow, { capture: true, passive: true }));
  // Its files would be those of the view before.
  ["popstate", "_dashprivate_pushstate"].forEach((what) =>
    window.addEventListener(what, () => close(false)));
})();
