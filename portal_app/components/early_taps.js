// A tap on a page that is still loading is kept and done once the page answers; a form without an address of its own
// would otherwise be sent by the browser itself, with all that was typed in the address. Should the server turn out to
// be away, nothing is kept: the page says so, and whoever waits taps again. A form kept on the device needs no answer.
(() => {
  const root = document.documentElement;
  let kept = null;
  const hold = (event) => {
    if ("ready" in root.dataset) return;
    const form = event.target.closest?.("form");
    const control = event.type === "submit" ? event.submitter || form : event.target.closest?.("[data-writes]");
    if (!control || form?.matches("[action], [data-kept]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    kept?.removeAttribute?.("aria-busy");
    kept = control;
    kept.setAttribute("aria-busy", "true");
  };
  addEventListener("click", hold, true);
  addEventListener("submit", hold, true);
  new MutationObserver(() => {
    const isAway = "away" in root.dataset;
    if (!kept || !(isAway || "ready" in root.dataset)) return;
    const control = kept;
    kept = null;
    control.removeAttribute("aria-busy");
    if (isAway || !control.isConnected) return;
    if (control.requestSubmit) control.requestSubmit();
    else control.click();
  }).observe(root, { attributeFilter: ["data-away", "data-ready"] });
})();
