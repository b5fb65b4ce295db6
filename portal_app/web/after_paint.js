// The document of a first look: its scripts are asked for once it is on the screen, and soon in any case, as in a tab
// in the background. Names are given back before React looks for them. Where they do not come, nothing hears that the
// session has ended: what was shown goes by itself.
(() => {
  let isAsked = false;
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    for (const link of document.querySelectorAll('link[rel="later"]')) link.rel = "modulepreload";
    for (const held of document.querySelectorAll('script[type="later"]')) {
      const script = document.createElement("script");
      script.type = "module";
      script.textContent = held.textContent;
      held.replaceWith(script);
    }
  };
  const forget = () => document.getElementById("first-look")?.replaceChildren();
  addEventListener("DOMContentLoaded", () => {
    requestAnimationFrame(() => setTimeout(ask));
    setTimeout(ask, 1000);
    setTimeout(forget, 30000);
  });
  addEventListener("pageshow", (event) => event.persisted && forget());
})();
