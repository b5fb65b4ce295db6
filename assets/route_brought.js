// The script of the next page is fetched when that page is asked for. Where it cannot be had, React Router loads the page
// that stands anew: without a line that shows the browser's own error. Here the page stays, and the next one comes when it can.
const ASK_AGAIN_MS = 3000;
const NEVER = new Promise(() => {});

/** The address of the page that is on its way, or undefined: what is only brought ahead is on no way. */
const wanted = () => window.__reactRouterDataRouter?.state.navigation.location;

/** Tell whether the server answers for a file, be it that there is none. */
const isAnswered = async (address) => {
  try {
    return (await fetch(address, { method: "HEAD", cache: "no-store" })).status < 500;
  } catch {
    return false;
  }
};

/** Wait a little, or for the line to come back; whoever writes on the page meanwhile is left there until they tap a link. */
const aWhile = () => new Promise((resolve) => {
  let isWriting = false;
  const on = {
    input: () => { isWriting = true; },
    online: () => isWriting || end(),
    click: ({ target }) => target.closest?.("a[href]") && end(),
  };
  const timer = setInterval(on.online, ASK_AGAIN_MS);
  const end = () => {
    clearInterval(timer);
    for (const [event, act] of Object.entries(on)) window.removeEventListener(event, act, true);
    resolve();
  };
  for (const [event, act] of Object.entries(on)) window.addEventListener(event, act, true);
});

/**
 * Bring the script of a page that could not be had, once it can be. Where the server answers and it still does not come,
 * its version is gone or the browser remembers the failure: then the page is loaded as a document.
 */
export const brought = async (address) => {
  if (!wanted()) return NEVER;
  while (!(await isAnswered(address))) await aWhile();
  try {
    return await import(/* @vite-ignore */ address);
  } catch {
    const to = wanted();
    if (to) window.location.assign(to.pathname + to.search + to.hash);
    return NEVER;
  }
};
