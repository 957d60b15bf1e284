/* Pages on paper: in the colours of paper, charts as wide as the sheet allows, tables in full. */
(function () {
  "use strict";
  const SCHEME = "data-mantine-color-scheme";
  /** Pixels of a sheet of A4 between its margins; tables shrink to that. */
  const SHEET = 670;
  /** Rows of a table on paper; a reader who wants more exports it. */
  const ROWS = 200;
  const SIZE = "paginationPageSize";
  const root = document.documentElement;
  let worn = null;
  const turned = new Map();

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
      table.style.zoom = isOnPaper ? Math.min(1, SHEET / (table.scrollWidth || 1)) : "";
    });
    root.classList.toggle("on-paper", isOnPaper);
  }

  /** Lay out tables from their first row on, as far as paper is for; say what is left off. */
  function unfold() {
    document.querySelectorAll(".tower-grid").forEach((place) => {
      const api = window.dash_ag_grid && window.dash_ag_grid.getApi(place.id);
      if (!api || turned.has(api)) return;
      turned.set(api, [api.getGridOption(SIZE), api.paginationGetCurrentPage()]);
      // The printer does not wait for React to draw when it sees fit.
      window.ReactDOM.flushSync(() => {
        api.setGridOption(SIZE, ROWS);
        api.paginationGoToFirstPage();
        // Otherwise the grid draws only what the screen has room for.
        api.setGridOption("domLayout", "print");
      });
      const more = api.paginationGetRowCount() - ROWS;
      if (more > 0) place.dataset.leftOff = `${more.toLocaleString("en")} more rows: export the table`;
    });
  }

  function fold() {
    turned.forEach(([size, page], api) => {
      if (api.isDestroyed()) return;
      api.setGridOption("domLayout", "autoHeight");
      api.setGridOption(SIZE, size);
      api.paginationGoToPage(page);
    });
    turned.clear();
    document.querySelectorAll("[data-left-off]").forEach((place) => delete place.dataset.leftOff);
  }

  window.addEventListener("beforeprint", () => { light(); unfold(); scale(true); });
  window.addEventListener("afterprint", () => { scale(false); fold(); asBefore(); });
  window.matchMedia("print").addEventListener("change", ({ matches }) =>
    (matches ? light() : asBefore()));
})();
