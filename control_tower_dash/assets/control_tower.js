/* What happens in the browser alone: filters and URL, themes, the watch for new snapshots. */
(function () {
  "use strict";
  const none = () => window.dash_clientside.no_update;
  const DIMENSIONS = ["group", "priority", "type", "channel", "tier"];
  const PERIODS = ["7d", "30d", "90d", "365d", "all"];
  const PERIOD_NAMES = {
    "7d": "last 7 days", "30d": "last 30 days", "90d": "last 90 days",
    "365d": "last 365 days", all: "all time",
  };
  const FILTERS = ["period", "from", "to", ...DIMENSIONS];
  /** What the server follows, see `filters.py`: controls and summary say what is in force. */
  const MOST_PARTS = 50;
  const EARLIEST = "1990-01-01";
  const LATEST = "2100-01-01";

  const whenIdle = window.requestIdleCallback
    ? (act) => window.requestIdleCallback(act, { timeout: 500 }) : (act) => window.setTimeout(act, 50);
  const forget = window.cancelIdleCallback || window.clearTimeout;
  let linksWait = null;
  const lastSaid = [];
  /** The address that controls wrote while one of them waits for its reader. */
  let written = null;
  const triggers = () => window.dash_clientside.callback_context.triggered.map((t) => t.prop_id);

  /** Return whether a text is a day as the server takes it. */
  function isDay(text) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text || "") || text < EARLIEST || text > LATEST) return false;
    const known = new Date(`${text}T00:00:00Z`);
    return !Number.isNaN(known.getTime()) && known.toISOString().startsWith(text);
  }

  function read(search) {
    const asked = search || "";
    const query = new URLSearchParams(asked.split("&").length > MOST_PARTS ? "" : asked);
    const last = (name, isMeant) => query.getAll(name).filter(isMeant).pop();
    const [from, to] = [last("from", isDay), last("to", isDay)];
    const isCustom = from && to && from <= to;
    return {
      period: isCustom ? "custom" : last("period", (one) => PERIODS.includes(one)) || "30d",
      days: isCustom ? [from, to] : null,
      dimensions: DIMENSIONS.map((name) => [...new Set(query.getAll(name))]),
    };
  }

  function write(search, period, days, dimensions) {
    const query = new URLSearchParams(search || "");
    FILTERS.forEach((name) => query.delete(name));
    if (period === "custom" && days && days[0] && days[1]) {
      query.set("from", days[0]);
      query.set("to", days[1]);
    } else if (period !== "custom" && period !== "30d") {
      query.set("period", period);
    }
    DIMENSIONS.forEach((name, place) =>
      (dimensions[place] || []).forEach((value) => query.append(name, value)));
    const text = query.toString();
    return text ? `?${text}` : "";
  }

  function summary(period, days, dimensions) {
    const parts = [period === "custom" && days ? `${days[0]} to ${days[1]}` : PERIOD_NAMES[period]];
    dimensions.forEach((values) => values.length && parts.push(values.join(" or ")));
    return `Filters: ${parts.filter(Boolean).join(" · ")}`;
  }

  /** Keep of a URL's query what every page understands. */
  function filtersOnly(search) {
    const query = new URLSearchParams(search || "");
    const kept = new URLSearchParams();
    query.forEach((value, name) => FILTERS.includes(name) && kept.append(name, value));
    const text = kept.toString();
    return text ? `?${text}` : "";
  }

  /** Put a piece of a query over the filters of the page, for the tickets behind a mark.
   *  What the piece names without a value is taken away. */
  function ticketsBehind(search, piece) {
    const query = new URLSearchParams(filtersOnly(search));
    const more = new URLSearchParams(piece);
    if (more.has("from")) query.delete("period");
    if (more.has("period")) ["from", "to"].forEach((name) => query.delete(name));
    new Set(more.keys()).forEach((name) => query.delete(name));
    more.forEach((value, name) => value && query.append(name, value));
    return `/tickets?${query.toString()}`;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.controlTower = {
    filters(search, period, days, ...rest) {
      const values = rest.slice(0, DIMENSIONS.length);
      const options = rest.slice(DIMENSIONS.length);
      const place = (name) => (name === "custom" ? "" : "is-hidden");
      const said = (...words) => words.map((word, at) => {
        const isNews = lastSaid[at] !== word;
        lastSaid[at] = word;
        return isNews ? word : none();
      });
      // What a link asks for and nobody offers is left out by the server, which tells of it; that
      // alone must not rewrite the link.
      const areKnown = options.some((one) => one && one.length);
      const offered = (all) => all.map((chosen, at) =>
        (chosen || []).filter((value) => !areKnown || (options[at] || []).includes(value)));
      const by = triggers();
      const isAsked = !by.length || by.includes("url.search");
      if (isAsked || by.every((name) => name.endsWith(".data"))) {
        const isOwn = isAsked && written !== null && search === written;
        if (isAsked) written = null;
        if (isOwn) return [none(), none(), none(), none()];
        const asked = read(search);
        const dimensions = offered(asked.dimensions);
        const found = isAsked ? { ...asked, dimensions } : { dimensions };
        const shown = { period, days: days || null, dimensions: values.map((one) => one || []) };
        // What is said already is not said again: each word goes round the whole page.
        const isSaid = JSON.stringify({ ...shown, ...found }) === JSON.stringify(shown);
        const shownPlace = isAsked ? place(asked.period) : none();
        return [none(), isSaid ? none() : found,
          ...said(shownPlace, summary(asked.period, asked.days, dimensions))];
      }
      let chosen = period;
      if (by.includes("filter-days.value") && days && days[0] && days[1]) chosen = "custom";
      // A page may have said a choice of its own in the URL since.
      const now = window.location.search;
      const there = read(now);
      // Until days are chosen the period that was there holds.
      const waits = chosen === "custom" && !(days && days[0] && days[1]);
      const span = waits ? there : { period: chosen, days };
      const told = write(now, there.period, there.days, offered(there.dimensions));
      const next = write(now, span.period, span.days, offered(values));
      // The address says less than the controls then, which go on as they are.
      written = waits && next !== told ? next : null;
      return [next === told ? none() : next,
        chosen === period ? none() : { period: chosen },
        ...said(place(chosen), summary(span.period, span.days, offered(values)))];
    },

    /** Let the controls show what the URL says, or as much of it as there is news. */
    tell(found) {
      const dimensions = found.dimensions || DIMENSIONS.map(none);
      const orNone = (value) => (value === undefined ? none() : value);
      return [orNone(found.period), orNone(found.days), ...dimensions];
    },

    /** Let links to other pages lead to the same filters, once the browser has nothing to draw. */
    links(search, ids) {
      if (linksWait) forget(linksWait);
      linksWait = whenIdle(() => ids.forEach((id) =>
        window.dash_clientside.set_props(id, { href: id.path + filtersOnly(search) })));
      return none();
    },

    /** Ask for the newest snapshot's id, marked where a newer one cannot be read; where it cannot
     *  be had, stay with what is shown. */
    async watch(_, known) {
      const unknown = known === undefined || known === null ? "" : none();
      try {
        const answer = await fetch("/version", { cache: "no-store" });
        // The session is over: the page itself leads to the sign-in.
        if (answer.status === 401) window.location.reload();
        if (!answer.ok) return unknown;
        const said = await answer.json();
        const id = `${said.snapshot_id || ""}${said.problem ? " !" : ""}`;
        return id === known ? none() : id;
      } catch (error) {
        return unknown;
      }
    },

    drill(clicks, search) {
      const by = triggers()[0] || "";
      const click = (window.dash_clientside.callback_context.triggered[0] || {}).value;
      if (!by.endsWith(".clickData") || !click || !click.points.length) return none();
      const piece = click.points[0].customdata;
      const text = Array.isArray(piece) ? piece[0] : piece;
      return typeof text === "string" && text.includes("=") ? ticketsBehind(search, text) : none();
    },

    navigation(opened, path, navbar) {
      const isOpen = triggers().includes("burger.opened") && opened;
      return [{ ...navbar, collapsed: { mobile: !isOpen } }, isOpen];
    },

    title(path, titles) {
      const page = titles.find((one) => one.path === path) ||
        titles.find((one) => one.path !== "/" && (path || "").startsWith(one.path));
      document.title = `${page ? page.title : "Not found"} · Operations Control Tower`;
      document.documentElement.lang = "en";
      return none();
    },
  };

  /** Return the query that choosing a filter's option leads to, if an event is on one. */
  function chosenBy({ target }) {
    const option = target.closest("[role=option][value]");
    const list = option && option.closest("[role=listbox]");
    const control = list && document.querySelector(`input[aria-controls="${list.id}"]`);
    if (!control) return undefined;
    const name = control.id.replace(/^filter-/, "");
    const chosen = option.getAttribute("value");
    const at = DIMENSIONS.indexOf(name);
    const isPeriod = name === "period" && chosen !== "custom";
    if (at < 0 && !isPeriod) return undefined;
    const { period, days, dimensions } = read(window.location.search);
    const next = dimensions.map((values, place) => (place !== at ? values
      : values.includes(chosen) ? values.filter((one) => one !== chosen) : [...values, chosen]));
    return write(window.location.search, isPeriod ? chosen : period, days, next);
  }

  /** Let something be done with what a filter's option leads to. Where controls are built otherwise
   *  than here, nothing is done early, and all goes on as it would. */
  const early = (act) => (event) => {
    const search = chosenBy(event);
    if (search !== undefined) act(search);
  };

  const RESTS_MS = 60;
  let rest = null;
  let pressedAt = null;
  const placeOf = ({ clientX, clientY }) => `${clientX} ${clientY}`;

  function rests(event) {
    window.clearTimeout(rest);
    const search = chosenBy(event);
    // What was pressed is drawn anew under the pointer, which does not ask to take it back.
    if (search === undefined || placeOf(event) === pressedAt) return;
    rest = window.setTimeout(() => window.controlTowerAskAhead(search), RESTS_MS);
  }

  function presses(event) {
    window.clearTimeout(rest);
    pressedAt = placeOf(event);
    early((search) => window.controlTowerAskEarly(search))(event);
  }

  // Asked for as the pointer rests on an option, or else as it is pressed; shown as it is let go of
  // and after it was drawn as chosen.
  document.addEventListener("pointerover", rests);
  document.addEventListener("pointerdown", presses);
  document.addEventListener("click", early((s) => window.controlTowerShowEarly(s)));

  // Tables -------------------------------------------------------------------------------------

  const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const fixed = (digits) => new Intl.NumberFormat("en-US", {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
  const one = fixed(1);
  const two = fixed(2);
  const hours = (value) => (value < 48 ? `${one.format(value)} h` : `${one.format(value / 24)} days`);
  const day = new Intl.DateTimeFormat("en-GB",
    { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat("en-GB",
    { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
      timeZone: "UTC" });
  const FORMATS = {
    count: (value) => whole.format(value),
    number: (value) => (Math.abs(value) >= 100 ? whole : one).format(value),
    share: (value) => `${one.format(100 * value)}%`,
    hours,
    minutes: (value) => (Math.abs(value) < 120 ? `${whole.format(value)} min` : hours(value / 60)),
    usd: (value) => `${value < 0 ? "-" : ""}$${(Math.abs(value) >= 1000 ? whole : two)
      .format(Math.abs(value))}`,
    score: (value) => two.format(value),
    fte_days: (value) => one.format(value),
    day: (value) => day.format(new Date(`${value}T00:00:00Z`)),
    moment: (value) => moment.format(new Date(value)),
    flag: (value) => (value ? "yes" : "no"),
  };

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.controlTowerFormat = (kind, value) =>
    value === null || value === undefined ? "—" : FORMATS[kind](value);
  // The Tab key leaves the table; false lets the browser go on by itself.
  functions.controlTowerLeaveGrid = () => false;

  const components = (window.dashAgGridComponentFunctions =
    window.dashAgGridComponentFunctions || {});
  function link(href, text, attributes) {
    const go = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      window.history.pushState({}, "", href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      window.scrollTo(0, 0);
    };
    return window.React.createElement("a", { ...attributes, href, onClick: go }, ...[text].flat());
  }
  window.controlTowerLink = link;
  components.ControlTowerTicket = (props) =>
    props.value ? link(`/ticket/${props.value}`, `#${props.value}`) : "";
  components.ControlTowerDrill = (props) =>
    props.value ? link(ticketsBehind(window.location.search, props.value), "Tickets") : "";
})();
