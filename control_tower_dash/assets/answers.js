/* What a page shows: asked for, and put where it belongs; figures get their template here. */
(function () {
  "use strict";
  const none = () => window.dash_clientside.no_update;
  const setProps = (id, props) => window.dash_clientside.set_props(id, props);
  const propsOf = (id) => window.dash_component_api.getLayout(id).props;

  // Asking ------------------------------------------------------------------------------------

  const CONFIRMED_MS = 1000;
  const SILENT = {
    namespace: "dash_html_components", type: "Div",
    props: {
      className: "state state-error", role: "alert",
      children: "The dashboard did not answer; it is asked again with the next choice.",
    },
  };

  let version = null;
  /** The address whose answer is to be shown, and the one that Dash told of last. */
  let wanted = null;
  let told = null;
  /** The answer to the address that Dash told of last, once it is there. */
  let confirmed = {};
  /** The answer asked for early, until Dash tells of its address, too. */
  let early = {};
  let isSilent = false;

  async function answerTo(address) {
    const answer = await window.fetch(`/answer${address}`, { cache: "no-store" });
    // The session is over: the page itself leads to the sign-in.
    if (answer.status === 401) window.location.reload();
    if (!answer.ok) throw new Error(`${address} was answered with ${answer.status}`);
    return answer.json();
  }

  const keyOf = (address) => `${version} ${address}`;

  /** Show an answer once it is there, unless something else is wanted by then; return it. */
  async function show(address, answered) {
    wanted = address;
    const answer = await answered;
    const isHere = address.split("?")[0] === window.location.pathname && answer.page === shownPage;
    if (wanted === address && isHere) await place(answer);
    return answer;
  }

  const here = (search) => window.location.pathname + search;

  /** Ask for what a choice is about to lead to. */
  function askEarly(search) {
    const key = keyOf(here(search));
    if (early.key === key) return;
    const asked = { key, answered: answerTo(here(search)), isOpen: true };
    early = asked;
    // What cannot be had is asked for again, and told of, as soon as Dash tells of its address.
    asked.answered.then(() => { asked.isOpen = false; },
      () => { if (early === asked) early = {}; });
  }

  /** Ask for what a choice may lead to, one at a time, for the reader may as well go on; and not
   *  while one is being made, whose answer is still to be told of. */
  function askAhead(search) {
    if (told && wanted === told && !early.isOpen) askEarly(search);
  }

  /** Show what a choice leads to as it is made: its control tells of it only after it was drawn
   *  anew, three times. What does not become the page's address is taken back. */
  function showEarly(search) {
    if (!told) return;
    askEarly(search);
    const address = here(search);
    show(address, early.answered).catch(none);
    window.setTimeout(() => {
      if (wanted === address && told !== address) takeBack();
    }, CONFIRMED_MS);
  }

  /** Show again what the page's address says. */
  function takeBack() {
    const isKnown = confirmed.key === keyOf(told);
    show(told, isKnown ? confirmed.answer : answerTo(told)).catch(() => tellOfSilence(true));
  }

  window.controlTowerAskAhead = askAhead;
  window.controlTowerAskEarly = askEarly;
  window.controlTowerShowEarly = showEarly;

  function tellOfSilence(silent) {
    if (silent === isSilent) return;
    isSilent = silent;
    setProps("silence", { children: silent ? [SILENT] : [] });
  }

  // Filling -----------------------------------------------------------------------------------

  /** The page that is there, and the ids of its places. */
  let shownPage = null;
  let places = [];
  /** What a place was given last, as it came and as text; a page opened anew has new ids. */
  const given = new WeakMap();
  const named = (id) => JSON.stringify(id, Object.keys(id).sort());

  /** The colour scheme that figures wear. */
  let worn = null;

  function lookWhatIsWorn() {
    const known = propsOf("scheme").computedColorScheme;
    worn = document.documentElement.getAttribute("data-mantine-color-scheme") || known;
    // Until it is used the switch takes every scheme for light, and would not tell of a change.
    if (worn !== known) setProps("scheme", { computedColorScheme: worn });
  }

  const templateOf = (scheme) => propsOf("templates").data[scheme === "dark" ? "dark" : "light"];

  const drawingOf = (figure) =>
    (window.controlTowerDrawings || {})[(figure.layout.meta || {}).drawing];

  /** Return a figure in a colour scheme. */
  function dressed(figure, scheme) {
    const template = templateOf(scheme);
    // Figures that carry more than is shown at once are drawn by their page's own script.
    const draw = drawingOf(figure);
    const drawn = draw ? draw(figure, template) : figure;
    return { ...drawn, layout: { ...drawn.layout, template } };
  }

  /** Figures by the id of their graph, each a function of the colour scheme. */
  window.controlTowerShown = new Map();

  /** Let a place show something, unless it does: every place that is told is drawn anew. */
  function put(id, property, said, { isDrawn = false, shown = () => said } = {}) {
    const before = given.get(id) || {};
    if (said === undefined || before.said === said) return;
    const text = JSON.stringify(said);
    given.set(id, { said, text });
    // What is drawn by a script depends on the page's choices, too.
    if (before.text !== text || isDrawn) setProps(id, { [property]: shown() });
  }

  function putFigure(id, figure) {
    if (!figure) return;
    window.controlTowerShown.set(named(id), (other) => dressed(figure, other));
    const shown = () => dressed(figure, worn);
    put(id, "figure", figure, { isDrawn: drawingOf(figure), shown });
  }

  const ofElement = ({ element }, { elements }) => elements[element] || {};
  /** What each kind of place is told of an answer. */
  const TELL = {
    chart: (id, answer) => putFigure(id, ofElement(id, answer).data),
    grid: (id, answer) => put(id, "rowData", ofElement(id, answer).data),
    state: (id, answer) => put(id, "children", ofElement(id, answer).state),
    caption: (id, answer) => put(id, "children", ofElement(id, answer).caption),
    body: (id, answer) => put(id, "className", ofElement(id, answer).class),
    block: (id, { blocks }) => put(id, "children", blocks[id.block]),
    freshness: (id, { freshness }) => put(id, "children", freshness),
    notices: (id, { notices }) => put(id, "children", notices),
  };

  /** Return whether a place is in a part of the page that the reader sees. */
  function isSeen(id) {
    const there = document.getElementById(named(id));
    const part = there && (there.closest("section") || there);
    const { top, bottom } = part ? part.getBoundingClientRect() : { top: 0, bottom: 0 };
    return bottom >= 0 && top <= window.innerHeight;
  }

  /** Return once the browser has shown what it was told, or at once where nobody looks. */
  const painted = () => new Promise((done) => (document.hidden ? done()
    : window.requestAnimationFrame(() => window.setTimeout(done))));

  const chartsIn = (ids) => ids.filter(({ type }) => type === "chart").length;

  /** The answer that is being put in its places, and the promise that it is there. */
  let placing = {};

  /** Put an answer in its places; where most charts are out of view, those in view first, for a
   *  reader does not wait for what is drawn further down. It takes a frame or two longer. */
  async function fill(answer) {
    const tell = (id) => TELL[id.type](id, answer);
    const all = places;
    const seen = all.filter(isSeen);
    const isMostlyUnseen = chartsIn(all) > 2 * chartsIn(seen);
    lookWhatIsWorn();
    (isMostlyUnseen ? seen : all).forEach(tell);
    if (!isMostlyUnseen) return;
    await painted();
    const isWanted = placing.answer === answer && shownPage === answer.page;
    if (isWanted) all.filter((id) => !seen.includes(id)).forEach(tell);
  }

  function place(answer) {
    if (placing.answer !== answer) {
      placing = { answer };
      placing.isDone = fill(answer);
    }
    return placing.isDone;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.controlTowerAnswers = {
    /** Show the answer for the page that is there, and return of which snapshot it is.
     *
     *  Its places are told one by one: as outputs of a callback, all of them would be gone
     *  through several times, whether or not there is news for them. */
    async ask(search, newest, path, pages, ...ids) {
      version = newest;
      // Before the first version is known, which takes a moment, the same would be asked twice.
      if (!pages.length || version === undefined || version === null) return pages.map(none);
      shownPage = pages[0].page;
      places = ids.flat();
      told = (path || "/") + (search || "");
      const address = told;
      const answered = early.key === keyOf(address) ? early.answered : answerTo(address);
      early = {};
      try {
        const answer = await show(address, answered);
        confirmed = { key: keyOf(address), answer };
        tellOfSilence(false);
        return pages.map(({ page }) => (page === answer.page ? answer.shown : none()));
      } catch (error) {
        tellOfSilence(true);
        return pages.map(none);
      }
    },

    /** Let figures wear another colour scheme. */
    wear(scheme) {
      if (scheme === worn) return none();
      worn = scheme;
      places.filter((id) => id.type === "chart" && given.has(id)).forEach((id) =>
        setProps(id, { figure: dressed(given.get(id).said, worn) }));
      return none();
    },
  };
})();
