/* Pages on paper: in the colours of paper, charts as wide as the sheet allows. */
(function () {
  "use strict";
  const SCHEME = "data-mantine-color-scheme";
  /** Pixels of a sheet of A4 between its margins; tables shrink to that. */
  const SHEET = 670;
  const root = document.documentElement;
  let worn = null;

  /** Draw everything in a colour scheme, at once: the printer does not wait. */
  function wear(scheme) {
    root.setAttribute(SCHEME, scheme);
    window.controlTowerShown.forEach((dressed, id) => {
      const place = document.getElementById(id);
      const graph = place && place.querySelector(".js-plotly-plot");
      if (!graph) return;
      const { data, layout } = dressed(scheme);
      // These fade in anew, and paper would have them half drawn; the style sheet colours them.
      if (data.some((trace) => trace.type === "sankey")) return;
      window.Plotly.react(graph, data, layout);
    });
  }

  function light() {
    if (worn || root.getAttribute(SCHEME) !== "dark") return;
    worn = "dark";
    wear("light");
  }

  function asBefore() {
    if (!worn) return;
    wear(worn);
    worn = null;
  }

  /** Let drawings, made for the screen's width, shrink to whatever the sheet has. */
  function scale(isOnPaper) {
    document.querySelectorAll(".chart-body .svg-container").forEach((box) => {
      const { offsetWidth: width, offsetHeight: height } = box;
      box.style.aspectRatio = isOnPaper && height ? `${width} / ${height}` : "";
      box.querySelectorAll(".main-svg").forEach((drawing) => {
        if (isOnPaper) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
        else drawing.removeAttribute("viewBox");
      });
    });
    document.querySelectorAll(".table-body").forEach((table) => {
      table.style.zoom = isOnPaper ? Math.min(1, SHEET / (table.offsetWidth || 1)) : "";
    });
    root.classList.toggle("on-paper", isOnPaper);
  }

  window.addEventListener("beforeprint", () => { light(); scale(true); });
  window.addEventListener("afterprint", () => { scale(false); asBefore(); });
  window.matchMedia("print").addEventListener("change", ({ matches }) =>
    (matches ? light() : asBefore()));
})();
