// Files of the model: fetched once with progress, checked, and kept for offline use by the service worker.

const RETRIES = 1;

export class DownloadError extends Error {}

/** url -> ArrayBuffer of `bytes` bytes whose SHA-256 is `sha256` (hex). onBytes(n) after every n bytes, -n to take back. */
export async function download({ url, bytes, sha256 }, onBytes) {
  for (let attempt = 0; ; attempt++) {
    const buffer = await get(url, bytes, onBytes, attempt > 0);
    if ((await digest(buffer)) === sha256) return buffer;
    onBytes(-buffer.byteLength);
    // What the cache holds is no better than what came.
    for (const name of (await globalThis.caches?.keys()) ?? []) await (await caches.open(name)).delete(url);
    if (attempt === RETRIES) throw new DownloadError(`${file(url)} arrived damaged. Reload the page to fetch it again.`);
  }
}

async function get(url, bytes, onBytes, afresh) {
  let response;
  try {
    response = await fetch(url, { cache: afresh ? "reload" : "default" });
  } catch {
    throw new DownloadError(`${file(url)} cannot be fetched. Check the connection, then reload the page.`);
  }
  if (!response.ok) throw new DownloadError(`${file(url)} cannot be fetched: the server answers ${response.status}.`);
  const whole = new Uint8Array(bytes);
  const rest = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length <= bytes) whole.set(value, length);
    else rest.push(value);
    length += value.length;
    onBytes(value.length);
  }
  return rest.length || length < bytes ? whole.buffer.slice(0, Math.min(length, bytes)) : whole.buffer;
}

async function digest(buffer) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const file = (url) => new URL(url, self.location.href).pathname.split("/").pop();
