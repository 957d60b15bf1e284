"""How long a page takes to draw its charts anew, told by the browser itself."""

__all__ = ["until_drawn"]


def until_drawn(observe: str) -> str:
    """Return a function for the browser that makes the promise `window.benchmark`.

    It takes an event and a selector, and the promise gives the milliseconds from the reader's
    event to the last chart drawn anew, after which nothing more was drawn for a while: of `all`
    charts, and of those `seen` without scrolling.

    Args:
        observe: A statement that calls `isDrawn` with each chart that was drawn, or with nothing
            where all are seen; it may use `selector`.
    """
    return (
        """([event, selector]) => {
  window.benchmark = new Promise((done, failed) => {
    let began = 0;
    let drawn = 0;
    let seen = 0;
    const isSeen = (chart) => {
      const { top, bottom } = chart.getBoundingClientRect();
      return bottom > 0 && top < window.innerHeight;
    };
    const isDrawn = (chart) => {
      if (!began) return;
      drawn = performance.now();
      if (!chart || isSeen(chart)) seen = drawn;
    };
    document.addEventListener(event, () => { began = performance.now(); },
      { capture: true, once: true });
    """
        + observe
        + """
    const look = () => {
      const now = performance.now();
      if (drawn && now - drawn > 600) done({ all: drawn - began, seen: seen - began });
      else if (began && now - began > 20000) failed(new Error("no chart was drawn anew"));
      else setTimeout(look, 50);
    };
    look();
  });
}"""
    )
