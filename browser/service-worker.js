// Keeps the page for use without a network, and adds the headers that let WebAssembly use threads.

const CACHE = "s2i-files";
const SHELL = ["./", "files.json"];
const site = new URL("./", self.location.href).href;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(site)) return;
  event.respondWith(answer(request, event));
});

/** Files whose names carry their hash never change; the rest comes from the network while there is one. */
async function answer(request, event) {
  const url = new URL(request.url);
  const lasting = /\.[0-9a-f]{8}\.\w+$/.test(url.pathname);
  const key = site + url.pathname.slice(new URL(site).pathname.length);
  if (lasting && request.cache !== "reload") {
    const kept = await caches.match(key);
    if (kept) return isolating(kept);
  }
  try {
    const response = await fetch(request);
    if (response.ok && response.status === 200) {
      const copy = response.clone();
      event.waitUntil(caches.open(CACHE).then((cache) => cache.put(key, copy)).catch(() => {}));
    }
    return isolating(response);
  } catch (error) {
    const kept = await caches.match(key);
    if (kept) return isolating(kept);
    throw error;
  }
}

function isolating(response) {
  if (response.type === "opaque" || response.type === "error") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** The page says what belongs to its version: fetch what is missing, forget what belongs to another. */
self.addEventListener("message", (event) => event.waitUntil(keep(event.data)));

async function keep({ keep: files, spare }) {
  const cache = await caches.open(CACHE);
  const address = (file) => new URL(file, site).href;
  const wanted = [...SHELL, ...files].map(address);
  const known = new Set([...wanted, ...spare.map(address)]);
  const held = (await cache.keys()).map(({ url }) => url);
  await Promise.all(held.filter((url) => !known.has(url)).map((url) => cache.delete(url)));
  await Promise.all(wanted.filter((url) => !held.includes(url)).map((url) => cache.add(url).catch(() => {})));
  for (const client of await self.clients.matchAll()) client.postMessage("kept");
}
