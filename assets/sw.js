// The portal while no page of it is open: shows notifications, leads to what they are about, and says when the device is
// offline, whom to call and what to do with a reading. It keeps one page for each language, which says nothing of anybody;
// no other page or answer is ever kept.
const KEPT = "offline-1";
const LANGUAGES = ["", "/es", "/ar"];
const OFFLINE = "/offline";

/** Keep the newest offline pages; those that cannot be had now stay as they are. */
const keepOffline = async () => {
  const cache = await caches.open(KEPT);
  await Promise.allSettled(LANGUAGES.map((language) => cache.add(new Request(language + OFFLINE, { cache: "reload" }))));
};

/** Leave nothing behind of an older version. */
const forgetOlder = async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
};

const languageOf = (path) => LANGUAGES.find((one) => one && (path === one || path.startsWith(`${one}/`))) || "";

/** The page of an address, or what to do instead while nothing can be reached. */
const page = async (request) => {
  try {
    return await fetch(request);
  } catch (error) {
    const cache = await caches.open(KEPT);
    const instead = await cache.match(languageOf(new URL(request.url).pathname) + OFFLINE);
    if (instead) return instead;
    throw error;
  }
};

const show = async (said) => {
  await self.registration.showNotification(said.title, {
    body: said.text, lang: said.lang, dir: said.dir, tag: said.id, data: { link: said.link }, icon: "/icons/icon-192.png",
  });
};

/** Bring a notification's address up: in a tab that is open, or in a new one. Only addresses of this portal. */
const open = async (link) => {
  const address = new URL(link, self.location.origin);
  if (address.origin !== self.location.origin) return null;
  const tabs = await self.clients.matchAll({ type: "window" });
  const tab = tabs.find((one) => one.url === address.href) || tabs[0];
  if (!tab) return self.clients.openWindow(address.href);
  await tab.focus();
  return tab.url === address.href ? tab : tab.navigate(address.href);
};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keepOffline());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.method === "GET") event.respondWith(page(event.request));
});

self.addEventListener("push", (event) => {
  event.waitUntil(Promise.all([show(event.data.json()), keepOffline()]));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.link));
});
