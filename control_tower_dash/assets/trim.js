/* Dash brings a stand-in for `trim`, because browsers no longer take one rare character for white
   space. It takes ten times as long as this, and drawing a page's charts calls it for thousands
   of colours and class names, in which there is nothing to trim. */
(function () {
  "use strict";
  const trim = String.prototype.trim;
  const isInk = (code) => code > 32 && code < 127;

  Object.defineProperty(String.prototype, "trim", {
    configurable: true, writable: true,
    value() {
      const text = typeof this === "string" ? this : trim.call(this);
      const isTrim = isInk(text.charCodeAt(0)) && isInk(text.charCodeAt(text.length - 1));
      return isTrim ? text : trim.call(text);
    },
  });
})();
