// The script of the next page is fetched when that page is asked for. Where it cannot be had, React Router loads the page
// that stands anew: without a line that shows the browser's own error. Here the page stays, and the next one comes when it can.
const ASK_AGAIN_MS = 3000;
const ANSWER_MS = 5000;

/** Tell whether the portal itself answers for a file, be it that there is none. */
const isAnswered = async (address) => {
  try {
    const asked = { method: "HEAD", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) };
    const { ok, status } = await fetch(address, asked);
    return ok || status === 404 || status === 410;
  } catch {
    return false;
  }
};

/** Load the page that is wanted as a document. Going back has changed the address already; a first page is where it is. */
const load = ({ location: to, historyAction }) => {
  const page = window.location;
  if (!to || historyAction === "POP") page.reload();
  else page[historyAction === "REPLACE" ? "replace" : "assign"](to.pathname + to.search + to.hash);
  return new Promise(() => {});
};

const bring = async ({ id, module }) => {
  const router = window.__reactRouterDataRouter;
  let going = router.state.navigation.location;
  let isWriting = false;
  let wake;
  // Whoever writes is left there, unless they went back. What is only brought ahead waits until it is wanted.
  const isDue = () => {
    const { initialized, matches, navigation } = router.state;
    const coming = initialized ? navigation.matches : matches;
    return coming?.some(({ route }) => route.id === id) && (!isWriting || navigation.historyAction === "POP");
  };
  // These stay for as long as the document does: few routes ever fail.
  window.addEventListener("online", () => wake?.());
  window.addEventListener("input", ({ isTrusted }) => { isWriting ||= isTrusted; }, true);
  router.subscribe(({ navigation }) => {
    if (navigation.location === going) return;
    going = navigation.location; // by a tap, or as an answer: they have done with writing
    isWriting = false;
    wake?.();
  });
  for (;;) {
    if (isDue() && (await isAnswered(module)) && isDue()) {
      const found = await import(/* @vite-ignore */ module).catch(() => null);
      if (found) return found;
      if (isDue()) return load(router.state.navigation);
    }
    await new Promise((resolve) => {
      wake = resolve;
      if (isDue()) setTimeout(resolve, ASK_AGAIN_MS);
    });
  }
};

const waits = {};

/**
 * Bring the script of a route that could not be had, once it can be. Where the portal answers and it still does not come,
 * its version is gone or the browser remembers the failure: then the page is loaded as a document.
 */
export const brought = (route) => (waits[route.id] ??= bring(route));
