// What the service worker is for: the page without a network, and threads where the host sends no headers.

const RELOADED = "s2i-reloaded";
const PATIENCE_MS = 3000;

/** Start the service worker. Where the host sends no headers it may reload the page once, before anything is drawn. */
export async function serviceWorker(site) {
  const { serviceWorker: workers } = navigator;
  if (!workers) return;
  try {
    await workers.register(`${site}service-worker.js`);
    if (!workers.controller) await controlled(workers);
  } catch {
    return; // a private window: no second visit is faster, and that is all
  }
  if (crossOriginIsolated || !workers.controller || sessionStorage.getItem(RELOADED)) return;
  sessionStorage.setItem(RELOADED, "1");
  location.reload();
  await new Promise(() => {});
}

const controlled = (workers) =>
  new Promise((resolve) => {
    workers.addEventListener("controllerchange", resolve, { once: true });
    setTimeout(resolve, PATIENCE_MS);
  });

/** Keep for the next time, with or without a network. keep: files to fetch now; spare: files to leave where they are. */
export function keepOffline(keep, spare) {
  navigator.serviceWorker?.controller?.postMessage({ keep, spare });
}
