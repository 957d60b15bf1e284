/* The tickets page: what is shown, by which date, in which order, kept in the URL. */
(function () {
  "use strict";

  /** Return what a query says of every choice; the first one, if it says nothing that is known. */
  function chosen(search, choices) {
    const query = new URLSearchParams(search || "");
    return Object.entries(choices).map(([name, values]) =>
      (values.includes(query.get(name)) ? query.get(name) : values[0]));
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.controlTowerTickets = {
    read: chosen,

    write(...given) {
      const choices = given.pop();
      const known = chosen(window.location.search, choices);
      if (given.some((value) => !value) || given.every((value, place) => value === known[place])) {
        return window.dash_clientside.no_update;
      }
      const query = new URLSearchParams(window.location.search);
      Object.entries(choices).forEach(([name, values], place) => {
        if (given[place] === values[0]) query.delete(name);
        else query.set(name, given[place]);
      });
      const text = query.toString();
      window.history.pushState({}, "", window.location.pathname + (text ? `?${text}` : ""));
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      return window.dash_clientside.no_update;
    },
  };
})();
