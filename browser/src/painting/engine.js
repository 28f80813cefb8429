// Networks and what runs them: WebGPU where there is one, WebAssembly on several threads, or on one.

import { download } from "./downloads.js";

const MOST_THREADS = 4; // more do not pay for a draft of 256 pixels

/** wanted: "webgpu", "wasm" or null for the best there is. -> "webgpu" or "wasm". */
async function choose(wanted) {
  if (wanted === "wasm") return "wasm";
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    // A software adapter is slower than WebAssembly.
    const useful = adapter && (wanted === "webgpu" || !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter));
    return useful ? "webgpu" : "wasm";
  } catch {
    return "wasm";
  }
}

/** site: address of the site's root; manifest: site/files.json; onProgress(done, total) in bytes. -> Engine */
export async function openEngine(site, manifest, { wanted = null, threads = null, onProgress = () => {} } = {}) {
  const backend = await choose(wanted);
  const name = backend === "webgpu" && "Suspending" in WebAssembly ? "webgpu-jspi" : backend;
  const runtime = manifest.runtimes[name];
  const networks = Object.entries(manifest.model.networks).filter(([, network]) => !network.later);
  const wanting = [runtime.wasm, ...networks.map(([, network]) => network)];
  const total = wanting.reduce((sum, file) => sum + file.bytes, 0);
  let done = 0;
  const fetched = wanting.map((file) =>
    download({ ...file, url: new URL(file.file, site).href }, (bytes) => onProgress((done += bytes), total)),
  );
  const [ort, wasmBinary, ...models] = await Promise.all([import(new URL(runtime.module, site).href), ...fetched]);
  ort.env.wasm.wasmBinary = wasmBinary;
  ort.env.wasm.wasmPaths = { mjs: new URL(runtime.glue, site).href };
  ort.env.wasm.numThreads = threads ?? (self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1);
  ort.env.logLevel = "error";
  const engine = new Engine({ ort, site, manifest, backend, runtime: name, threads: ort.env.wasm.numThreads });
  // One after the other: the first starts the runtime.
  for (let i = 0; i < networks.length; i++) await engine.add(networks[i][0], models[i]);
  return engine;
}

class Engine {
  #sessions = {};

  constructor(parts) {
    Object.assign(this, parts);
  }

  async add(name, bytes) {
    const options = { executionProviders: [this.backend], graphOptimizationLevel: "all" };
    this.#sessions[name] = await this.ort.InferenceSession.create(new Uint8Array(bytes), options);
  }

  /** feeds: {input: {data, dims}} -> {output: {data, dims}}. A network that is not there yet is fetched. */
  async run(name, feeds) {
    if (!this.#sessions[name]) {
      const network = this.manifest.model.networks[name];
      await this.add(name, await download({ ...network, url: new URL(network.file, this.site).href }, () => {}));
    }
    const tensors = {};
    for (const [input, { data, dims }] of Object.entries(feeds)) tensors[input] = new this.ort.Tensor("float32", data, dims);
    return this.#sessions[name].run(tensors);
  }
}
