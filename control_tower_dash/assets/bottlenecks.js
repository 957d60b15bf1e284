/* The bottleneck page: the process map and the matrix are drawn here, from figures that carry all
   there is to draw; which part of it is shown stands in the URL. */
(function () {
  "use strict";
  const none = () => window.dash_clientside.no_update;
  const HUE = "#0072b2";
  const REWORK = "#d55e00";
  const REST = "#868e96";
  const NARROW = 700;
  const DEFAULTS = { map: "frequency", detail: "95", matrix: "share" };
  const CHOICES = { map: ["frequency", "duration"], matrix: ["share", "hours"] };

  const triggers = () => window.dash_clientside.callback_context.triggered.map((t) => t.prop_id);
  const format = (kind, value) => window.dashAgGridFunctions.controlTowerFormat(kind, value);
  const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

  function option(name) {
    const said = new URLSearchParams(window.location.search).get(name);
    if (name === "detail") {
      const share = Number(said);
      return said !== null && said !== "" && share >= 0 && share <= 100
        ? String(Math.round(share)) : DEFAULTS.detail;
    }
    return CHOICES[name].includes(said) ? said : DEFAULTS[name];
  }

  /** Say a choice in the URL, and return whether it is news; nothing else is told, for the server
      need not know. */
  function say(name, value) {
    const query = new URLSearchParams(window.location.search);
    if (String(value) === DEFAULTS[name]) query.delete(name);
    else query.set(name, value);
    const text = query.toString();
    const next = window.location.pathname + (text ? `?${text}` : "");
    if (next === window.location.pathname + window.location.search) return false;
    window.history.replaceState(window.history.state, "", next);
    return true;
  }

  // The process map ----------------------------------------------------------------------------

  /** Return the arrows that make up so much of the traffic, the most frequent first. */
  function kept(graph, detail) {
    const share = detail / 100;
    return graph.arrows.filter((arrow, place) => place === 0 || arrow.before < share - 1e-9);
  }

  function shownSentence(graph, arrows) {
    const steps = arrows.reduce((sum, arrow) => sum + arrow.count, 0);
    const share = Math.floor((1000 * steps) / Math.max(graph.steps, 1)) / 10;
    const percent = share === 100 ? "100" : share.toFixed(1);
    return `${percent} % of ${format("count", graph.steps)} steps: ` +
      `${arrows.length} of ${graph.kinds} kinds of step`;
  }

  function broken(name, most) {
    const words = name.replace(/_/g, " ").split(" ");
    const lines = [""];
    words.forEach((word) => {
      const last = lines.length - 1;
      if (lines[last] && (lines[last] + word).length > most) lines.push(word);
      else lines[last] = lines[last] ? `${lines[last]} ${word}` : word;
    });
    return lines.slice(0, 3).map(escape).join("<br>");
  }

  /** Return a shadow that keeps text apart from the lines beneath it. */
  const halo = (color) => [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]]
    .map(([x, y]) => `${2 * x}px ${2 * y}px 1px ${color}`).join(", ");

  function processMap(figure, template) {
    const graph = figure.layout.meta;
    const byTime = option("map") === "duration";
    const flow = window.innerWidth < NARROW ? "tall" : "wide";
    const place = (along, across) => (flow === "wide" ? [along, -across] : [across, -along]);
    const arrows = kept(graph, Number(option("detail")));
    const shown = new Set(arrows.flatMap((arrow) => [arrow.from, arrow.to]));
    const weight = (arrow) => (byTime ? arrow.hours : arrow.count);
    const heaviest = Math.max(1e-9,
      ...graph.arrows.filter((arrow) => !byTime || !arrow.rest).map(weight));
    const width = (arrow) => 1.2 + 9 * Math.sqrt(Math.min(1, weight(arrow) / heaviest));
    const color = (arrow) => (arrow.rest ? REST : arrow.back ? REWORK : HUE);
    const label = (arrow) => format(byTime ? "hours" : "count", weight(arrow));
    const surface = template.layout.hoverlabel.bgcolor;

    // The thin ones lie on top, or the thick ones would hide them.
    const lines = [...arrows].sort((a, b) => width(b) - width(a)).map((arrow) => {
      const points = arrow[flow][0].map((along, at) => place(along, arrow[flow][1][at]));
      return {
        type: "scatter", mode: "lines", showlegend: false, opacity: 0.75,
        x: points.map((point) => point[0]), y: points.map((point) => point[1]),
        line: {
          color: color(arrow), width: width(arrow), shape: "spline",
          dash: arrow.rest ? "6px,3px" : "solid",
        },
        customdata: points.map(() => arrow.behind),
        hovertemplate: `<b>${escape(arrow.from)} → ${escape(arrow.to)}</b><br>` +
          `${format("count", arrow.count)} times<br>median ${format("hours", arrow.hours)}, ` +
          `9 of 10 within ${format("hours", arrow.p90)}` +
          `${arrow.rest ? "<br>at rest: solved, waiting to be closed" : ""}` +
          `${arrow.back ? "<br>leads back" : ""}<br>click for the tickets<extra></extra>`,
      };
    });
    const heads = {
      type: "scatter", mode: "markers", showlegend: false, hoverinfo: "skip", x: [], y: [],
      marker: {
        symbol: "triangle-up", size: [], angle: [], color: [], standoff: [], opacity: 1,
        line: { width: 0 },
      },
    };
    arrows.forEach((arrow) => {
      const [along, across] = arrow[flow];
      const last = along.length - 1;
      const [x, y] = place(along[last], across[last]);
      const [fromX, fromY] = place(along[last - 1], across[last - 1]);
      const upright = (flow === "wide") === arrow.arc;
      heads.x.push(x);
      heads.y.push(y);
      heads.marker.size.push(7 + 0.9 * width(arrow));
      heads.marker.standoff.push(3 + 0.4 * width(arrow));
      heads.marker.color.push(color(arrow));
      heads.marker.angle.push(upright ? (y > fromY ? 0 : 180) : (x > fromX ? 90 : 270));
    });
    const [along, across] = graph.halves[flow];
    const half = flow === "wide" ? [along, across] : [across, along];
    const boxes = graph.nodes.filter((node) => shown.has(node.name));
    // Traces, not shapes and annotations: these take three times as long to draw.
    const frames = {
      type: "scatter", mode: "lines", fill: "toself", fillcolor: surface, hoverinfo: "skip",
      showlegend: false, line: { color: HUE, width: 1.5 }, x: [], y: [],
    };
    boxes.forEach((node) => {
      const [x, y] = place(...node[flow]);
      const [left, right, low, high] = [x - half[0], x + half[0], y - half[1], y + half[1]];
      frames.x.push(left, right, right, left, left, null);
      frames.y.push(low, low, high, high, low, null);
    });
    const written = (points, texts, font) => ({
      type: "scatter", mode: "text", hoverinfo: "skip", showlegend: false, cliponaxis: false,
      x: points.map((point) => point[0]), y: points.map((point) => point[1]), text: texts,
      textposition: "middle center", textfont: font,
    });
    const named = arrows.slice(0, 60);
    const labels = written(
      named.map((arrow, at) => {
        const [xs, ys] = arrow[flow];
        // Halfway is where ways cross; a little before or after they are apart.
        const middle = Math.round((xs.length - 1) * (arrow.arc ? 0.5 : at % 2 ? 0.6 : 0.4));
        return place(xs[middle], ys[middle]);
      }),
      named.map(label),
      { size: 11, color: template.layout.font.color, shadow: halo(surface) },
    );
    const names = written(
      boxes.map((node) => place(...node[flow])),
      boxes.map((node) => {
        const name = broken(node.name, flow === "wide" ? 13 : 8);
        // A name of three lines leaves no room for a fourth.
        const count = byTime || name.split("<br>").length > 2 ? "" : `<br>${
          format("count", node.count)}`;
        return `<b>${name}</b>${count}`;
      }),
      { size: flow === "wide" ? 12 : 10, color: template.layout.font.color },
    );
    const all = arrows.flatMap((arrow) =>
      arrow[flow][0].map((at, step) => place(at, arrow[flow][1][step])));
    boxes.forEach((node) => {
      const [x, y] = place(...node[flow]);
      all.push([x - half[0], y - half[1]], [x + half[0], y + half[1]]);
    });
    const axis = (which) => {
      const values = all.map((point) => point[which]);
      return {
        visible: false, fixedrange: true, automargin: false,
        range: [Math.min(...values) - 0.08, Math.max(...values) + 0.08],
      };
    };
    return {
      ...figure,
      data: [...lines, heads, frames, labels, names],
      layout: { ...figure.layout, xaxis: axis(0), yaxis: axis(1) },
    };
  }

  // The matrix ---------------------------------------------------------------------------------

  function matrix(figure, template) {
    const shown = option("matrix");
    const meta = { ...figure.layout.meta, shown };
    const textfont = { color: template.layout.font.color };
    return {
      ...figure,
      data: [{ ...figure.data[0], ...meta.views[shown], textfont }],
      layout: { ...figure.layout, meta },
    };
  }

  window.controlTowerDrawings =
    Object.assign(window.controlTowerDrawings || {}, { processMap, matrix });

  function plotOf(element) {
    return document.querySelector(
      `section[aria-labelledby="heading-${element}"] .js-plotly-plot`);
  }

  /** Draw a chart anew from what it carries; by way of Dash it takes several times as long. */
  function redraw(element, drawing) {
    const plot = plotOf(element);
    if (!plot || !plot.layout || !plot.layout.meta) return;
    const drawn = drawing({ data: plot.data, layout: plot.layout }, plot.layout.template);
    window.Plotly.react(plot, drawn.data, drawn.layout, plot._context);
  }

  function showMap(mode, detail) {
    const plot = plotOf("process-map");
    const graph = plot && plot.layout && plot.layout.meta;
    const arrows = () => (graph ? kept(graph, Number(option("detail"))).length : 0);
    const before = arrows();
    const isOther = say("map", mode);
    say("detail", detail);
    if (isOther || arrows() !== before) redraw("process-map", processMap);
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.controlTowerBottlenecks = {
    /** Let the controls show what the URL says; what is told is drawn anew. */
    choices(_, ...shown) {
      return [option("map"), Number(option("detail")), option("matrix")].map(
        (said, at) => (said === shown[at] ? none() : said));
    },

    map(mode, detail, figure) {
      const by = triggers();
      if (by.some((name) => /^map-(mode|detail)\.value$/.test(name))) showMap(mode, detail);
      const graph = ((figure || {}).layout || {}).meta;
      return graph ? shownSentence(graph, kept(graph, Number(option("detail")))) : "";
    },

    matrix(mode) {
      say("matrix", mode);
      const plot = plotOf("transition-matrix");
      const { shown } = (plot && plot.layout && plot.layout.meta) || {};
      // Every choice of a filter comes by here, and drawing what is shown would hold up the answer.
      if (shown !== mode) redraw("transition-matrix", matrix);
      return none();
    },
  };

  // The slider is followed as it moves: Dash tells of it only after as long as drawing takes.
  new MutationObserver((changes) => changes.forEach(({ target }) => {
    if (target.closest("#map-detail")) showMap(option("map"), target.getAttribute("aria-valuenow"));
  })).observe(document, { subtree: true, attributeFilter: ["aria-valuenow"] });
})();
