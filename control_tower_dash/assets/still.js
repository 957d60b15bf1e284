/* What is only looked at, drawn as plain elements: Dash knows of one component for all of it. */
(function () {
  "use strict";
  const { createElement, Fragment } = window.React;

  function drawn(part) {
    if (part === null || typeof part !== "object") return part;
    const { children, ...attributes } = part.props;
    const inside = children === undefined || children === null ? [] : [children].flat();
    if (part.type === "Link") {
      return window.controlTowerLink(attributes.href, inside.map(drawn), attributes);
    }
    return createElement(part.type.toLowerCase(), attributes, ...inside.map(drawn));
  }

  window.control_tower_dash = Object.assign(window.control_tower_dash || {}, {
    Still: ({ tree }) => createElement(Fragment, null, ...tree.map(drawn)),
  });
})();
