/* What a page shows: asked for, and put where it belongs; figures get their template here. */
(function () {
  "use strict";
  const none = () => window.dash_clientside.no_update;
  const triggers = () => window.dash_clientside.callback_context.triggered.map((t) => t.prop_id);
  const named = (id) => JSON.stringify(id, Object.keys(id).sort());

  // Asking ------------------------------------------------------------------------------------

  const KEPT_MS = 5000;
  const SILENT = {
    namespace: "dash_html_components", type: "Div",
    props: {
      className: "state state-error", role: "alert",
      children: "The dashboard did not answer; it is asked again with the next choice.",
    },
  };

  /** Answers that were asked for early and that nobody has taken yet, by version and address. */
  const early = new Map();
  let version = null;
  let isSilent = false;

  async function answerTo(address) {
    const answer = await window.fetch(`/answer${address}`, { cache: "no-store" });
    // The session is over: the page itself leads to the sign-in.
    if (answer.status === 401) window.location.reload();
    if (!answer.ok) throw new Error(`${address} was answered with ${answer.status}`);
    return answer.json();
  }

  const keyOf = (address) => `${version} ${address}`;

  /** Ask for what a choice will show as it is made: that it was made is told of only after its
   *  control was drawn anew, twice. */
  window.controlTowerAskEarly = (search) => {
    const address = window.location.pathname + search;
    const key = keyOf(address);
    if (early.has(key)) return;
    const answer = answerTo(address);
    early.set(key, answer);
    answer.catch(() => early.delete(key));
    window.setTimeout(() => early.delete(key), KEPT_MS);
  };

  function taken(address) {
    const key = keyOf(address);
    const answer = early.get(key) || answerTo(address);
    early.delete(key);
    return answer;
  }

  function tellOfSilence(silent) {
    if (silent === isSilent) return;
    isSilent = silent;
    window.dash_clientside.set_props("silence", { children: silent ? [SILENT] : [] });
  }

  // Filling -----------------------------------------------------------------------------------

  /** What was said last of a place, as it came, as text, and as it is shown there. */
  const given = new Map();

  /** Return the template of the colour scheme. */
  function templateOf(scheme, templates) {
    const own = document.documentElement.getAttribute("data-mantine-color-scheme") || scheme;
    // Until it is used the switch takes every scheme for light, and would not tell of a change.
    if (own !== scheme) window.dash_clientside.set_props("scheme", { computedColorScheme: own });
    return templates[own === "dark" ? "dark" : "light"];
  }

  const drawingOf = (figure) =>
    (window.controlTowerDrawings || {})[(figure.layout.meta || {}).drawing];

  /** Return a figure with its template. */
  function dressed(figure, template) {
    // Figures that carry more than is shown at once are drawn by their page's own script.
    const draw = drawingOf(figure);
    const drawn = draw ? draw(figure, template) : figure;
    return { ...drawn, layout: { ...drawn.layout, template } };
  }

  /** Figures by the id of their graph, each a function of the colour scheme. */
  window.controlTowerShown = new Map();

  /** Return what a place is to show, or that it shows it: every place told is drawn anew. */
  function shownAt(place, news, there) {
    const before = given.get(place);
    const text = JSON.stringify(news);
    if (before && before.text === text && before.shown === there) return none();
    given.set(place, { text, shown: news });
    return news;
  }

  function figureAt(place, news, there, { isNewScheme, template, templates }) {
    const before = given.get(place);
    const isThere = before && before.shown === there;
    const said = news || (isNewScheme && isThere && before.said);
    if (!said) return none();
    const text = news ? JSON.stringify(news) : before.text;
    // What is drawn by a script depends on the page's choices, too.
    const isOld = isThere && before.text === text && !drawingOf(said);
    if (isOld && !isNewScheme) return none();
    const shown = dressed(said, template);
    given.set(place, { text, said, shown });
    window.controlTowerShown.set(place, (worn) => dressed(said, templates[worn]));
    return shown;
  }

  const ofElement = (name) => (answer, id) => (answer.elements[id.element] || {})[name];
  /** Where each output of the callback has its news, in their order; figures come first. */
  const SAID = [
    ofElement("data"), ofElement("data"), ofElement("state"), ofElement("caption"),
    ofElement("class"), (answer, id) => answer.blocks[id.block], (answer) => answer.freshness,
    (answer) => answer.notices, (answer) => answer.shown,
  ];

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.controlTowerAnswers = {
    /** Return the answer for the page that is there; the newest version is taken in any case. */
    async ask(search, newest, path, ids) {
      version = newest;
      // Before the first version is known, which takes a moment, the same would be asked twice.
      if (!ids.length || version === undefined || version === null) return ids.map(none);
      try {
        const answer = await taken((path || "/") + (search || ""));
        tellOfSilence(false);
        return ids.map((id) => (id.page === answer.page ? answer : none()));
      } catch (error) {
        tellOfSilence(true);
        return ids.map(none);
      }
    },

    fill(answers, scheme, templates, ...held) {
      const by = triggers();
      const isOf = (name) => !by.length || by.some((one) => one.endsWith(name));
      const answer = isOf(".data") ? answers.find(Boolean) : undefined;
      const wear = {
        isNewScheme: isOf("scheme.computedColorScheme"), templates,
        template: templateOf(scheme, templates),
      };
      const outputs = window.dash_clientside.callback_context.outputs_list;
      return SAID.map((saidOf, part) => outputs[part].map(({ id }, at) => {
        const news = answer ? saidOf(answer, id) : undefined;
        if (part === 0) return figureAt(named(id), news, held[part][at], wear);
        return news === undefined ? none() : shownAt(`${part}${named(id)}`, news, held[part][at]);
      }));
    },
  };
})();
