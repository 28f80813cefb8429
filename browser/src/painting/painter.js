// The page's side of the painter's thread.

/** Fires "progress" {done,total}, "ready" {backend,threads}, "picture" {stage,job,image,ms}, "done" {job} and
 * "failed" {words}. */
export class Painter extends EventTarget {
  ready = false;
  #worker = null;
  #job = 0;
  #styles = new Map(); // id -> promise
  #answers = new Map();

  /** site: address of the site's root; manifest: its files.json. wanted, threads: see engine.js. */
  open(site, manifest, { wanted, threads }) {
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = (event) => this.#tell("failed", { words: event.message || "The painter could not start." });
    this.#worker.postMessage({ order: "open", site, manifest, wanted, threads });
  }

  /** Read a reference's style, once. name: what errors call it; bitmap: function that gives the picture. */
  style(id, name, bitmap) {
    if (!this.#styles.has(id)) this.#styles.set(id, this.#readStyle(id, name, bitmap));
    return this.#styles.get(id);
  }

  async #readStyle(id, name, bitmap) {
    const picture = await bitmap();
    const answer = this.#ask(id);
    this.#worker.postMessage({ order: "style", id, name, bitmap: picture }, [picture]);
    return answer;
  }

  /** Paint; whatever was asked for before is given up. request: see worker.js. */
  paint(request) {
    this.#job += 1;
    const moved = [request.ink, request.dabs].filter(Boolean);
    this.#worker.postMessage({ order: "paint", job: this.#job, ...request }, moved);
  }

  /** The pen is down: no refined picture until something is painted again. */
  hush() {
    this.#worker?.postMessage({ order: "hush" });
  }

  /** The last painting at the drawing's own size. -> ImageData */
  finish() {
    const job = `finish ${this.#answers.size} ${performance.now()}`;
    this.#worker.postMessage({ order: "finish", job });
    return this.#ask(job);
  }

  /** A photograph's lines -> ImageData, black on transparency. variant: how they are drawn, 0, 1, ... */
  trace(bitmap, variant) {
    if (!this.#worker) return Promise.reject(new Error("The painter, which also traces, could not start."));
    const job = `trace ${this.#answers.size} ${performance.now()}`;
    this.#worker.postMessage({ order: "trace", job, bitmap, variant }, [bitmap]);
    return this.#ask(job);
  }

  #ask(key) {
    return new Promise((resolve, reject) => this.#answers.set(key, { resolve, reject }));
  }

  #hear({ news, ...data }) {
    const key = data.id ?? data.job;
    const answer = this.#answers.get(key);
    if (answer) {
      this.#answers.delete(key);
      if (news === "failed") {
        this.#styles.delete(key);
        answer.reject(new Error(data.words));
      } else answer.resolve(data.image);
      return;
    }
    if (news === "ready") this.ready = true;
    if (data.job !== undefined && data.job !== this.#job) return; // of a drawing that is no longer the last
    this.#tell(news, data);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
