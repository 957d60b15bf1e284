/* The simulator's controls and the URL: each says what the other says. */
(function () {
  "use strict";
  const none = () => window.dash_clientside.no_update;
  const triggered = () => window.dash_clientside.callback_context.triggered;
  const PARTS = ["volume", "handle", "headcount", "shrinkage", "occupancy"];
  const NUMBER = /^[0-9]{1,7}(\.[0-9]{1,9})?$/;
  const WAIT_MS = 300;

  let pending = {};
  let timer = null;

  const round = (value, digits) => Number(value.toFixed(digits));
  const shown = (lever, value) => round((value - lever.zero) * lever.scale, 2);
  const meant = (lever, value) => round(lever.zero + value / lever.scale, 4);
  const isPart = (name) => PARTS.includes(name.split(".")[0]);

  /** What the URL says of a lever; its base if that is nothing it can be. */
  function inUrl(lever, query) {
    const text = query.get(lever.name);
    if (text === null || !NUMBER.test(text)) return lever.base;
    const value = round(Number(text), 4);
    return value >= lever.low && value <= lever.high ? value : lever.base;
  }

  function withPending(search) {
    const query = new URLSearchParams(search || "");
    Object.values(pending).forEach(({ lever, value }) => {
      if (value === round(lever.base, 4)) query.delete(lever.name);
      else query.set(lever.name, String(value));
    });
    const text = query.toString();
    return text ? `?${text}` : "";
  }

  function push() {
    window.clearTimeout(timer);
    const search = withPending(window.location.search);
    pending = {};
    if (search !== window.location.search) window.dash_clientside.set_props("url", { search });
    return search;
  }

  async function copy(text) {
    try {
      await window.navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      // Browsers lend their clipboard to secure pages only; selecting a text works on all.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.controlTowerCapacity = {
    plan(search, sliders, numbers, sliderIds, numberIds, stores) {
      const levers = stores[0];
      if (!levers) return [sliderIds.map(none), numberIds.map(none)];
      const byName = Object.fromEntries(levers.map((lever) => [lever.name, lever]));
      const query = new URLSearchParams(search || "");
      const by = triggered().map((one) => one.prop_id);
      const isUrl = !by.length || by.includes("url.search");
      const values = Object.fromEntries(levers.map((lever) => [lever.name, inUrl(lever, query)]));
      const now = {
        "plan-slider": Object.fromEntries(sliderIds.map((id, n) => [id.lever, sliders[n]])),
        "plan-number": Object.fromEntries(numberIds.map((id, n) => [id.lever, numbers[n]])),
      };
      if (!isUrl) {
        by.forEach((prop) => {
          const id = JSON.parse(prop.slice(0, prop.lastIndexOf(".")));
          const lever = byName[id.lever];
          const value = now[id.type][id.lever];
          if (!lever || typeof value !== "number") return;
          const asked = Math.min(lever.high, Math.max(lever.low, meant(lever, value)));
          const known = pending[lever.name] ? pending[lever.name].value : values[lever.name];
          if (asked !== round(known, 4)) pending[lever.name] = { lever, value: asked };
        });
        if (Object.keys(pending).length) {
          window.clearTimeout(timer);
          timer = window.setTimeout(push, WAIT_MS);
        }
      }
      Object.values(pending).forEach(({ lever, value }) => { values[lever.name] = value; });
      const show = (type) => (id) => {
        const lever = byName[id.lever];
        const next = shown(lever, values[lever.name]);
        return next === now[type][id.lever] ? none() : next;
      };
      return [sliderIds.map(show("plan-slider")), numberIds.map(show("plan-number"))];
    },

    reset(clicks, search) {
      if (!clicks) return none();
      window.clearTimeout(timer);
      pending = {};
      const query = new URLSearchParams(search || "");
      [...query.keys()].filter(isPart).forEach((name) => query.delete(name));
      const text = query.toString();
      return text ? `?${text}` : "";
    },

    async copyLink(clicks) {
      if (!clicks) return none();
      const address = `${window.location.origin}${window.location.pathname}${push()}`;
      window.setTimeout(() => window.dash_clientside.set_props("plan-copied", { children: "" }), 4000);
      return (await copy(address)) ? "Link copied" : "Copy the address of this page";
    },

    series(search, choices) {
      const by = triggered().map((one) => one.prop_id);
      const query = new URLSearchParams(search || "");
      const isChosen = by.length && !by.includes("url.search");
      if (!isChosen) return [none(), choices.map(() => query.get("series"))];
      const chosen = choices[0];
      if (chosen) query.set("series", chosen);
      else query.delete("series");
      const text = query.toString() ? `?${query.toString()}` : "";
      return [text === (search || "") ? none() : text, choices.map(none)];
    },

    computing(search) {
      const asked = [...new URLSearchParams(search || "").entries()].filter(([name]) => isPart(name));
      const key = JSON.stringify(asked.sort());
      const isNew = key !== window.controlTowerPlanShown;
      window.controlTowerPlanShown = key;
      return isNew ? "Computing the plan …" : none();
    },

    computed() {
      return "";
    },
  };
})();
