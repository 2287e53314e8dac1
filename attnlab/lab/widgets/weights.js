// The model of a figure, with its weights: { kind, config, ..., tensors }. They come from where they are:
// 1. small ones stand in the state of the figure;
// 2. in the book and the slides, a script beside live.js holds them;
// 3. JupyterLab as `attnlab lab` starts it serves their file;
// 4. else the kernel is asked.
// A page keeps them by their hash, so that they come once for all of its figures.

import {tensorsOf} from "./inference.js";

// Waits as long as it takes; `comm` is the figure's own line to the kernel: { send, on, off }.
export async function modelFor(get, comm) {
  const [model, sent] = [get("model"), get("tensors")];
  const tensors = sent ? tensorsOf(copied(sent.data)) : await fetchedTensors(model, comm);
  return {...model, tensors};
}

async function fetchedTensors({weights: hash, file}, comm) {
  globalThis.attnlabTensors ??= {};
  globalThis.attnlabTensors[hash] ??= {
    ofPage: ofPage(hash, file),
    asked: Number.NEGATIVE_INFINITY,
  };
  const shelf = globalThis.attnlabTensors[hash];
  const bytes = (await shelf.ofPage) ?? (shelf.tensors ? null : await askedFor(hash, shelf, comm));
  shelf.tensors ??= tensorsOf(bytes);
  return shelf.tensors;
}

// The bytes as whoever serves this page has them, or null.
const ofPage = (hash, file) =>
  globalThis.attnlabLive ? weightsOfBook(hash) : file ? weightsOfLab(hash, file) : null;

async function weightsOfBook(hash) {
  await new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${globalThis.attnlabLive}weights-${hash}.js`; // a script, since file:// fetches nothing
    script.onload = done;
    script.onerror = () => failed(new Error("Its model could not be loaded: load the page anew."));
    document.head.append(script);
  });
  const {[hash]: text} = globalThis.attnlabWeights;
  delete globalThis.attnlabWeights[hash]; // two million letters
  return decoded(text);
}

async function weightsOfLab(hash, file) {
  const page = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");
  if (!page.attnlabWeights) return null;
  const answer = await fetch(page.baseUrl + page.attnlabWeights + file).catch(() => null);
  const bytes = answer?.ok ? await answer.arrayBuffer() : null;
  return bytes && (await isWhole(bytes, hash)) ? bytes : null;
}

// Whether they are the bytes with this hash; a page that came unencrypted from another machine cannot tell.
async function isWhole(bytes, hash) {
  if (!crypto.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return (
    Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("") === hash
  );
}

export function decoded(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

// The kernel answers a figure whose cell was run; a stored one has no line to it, and its question is lost.
// So they ask one after the other, until there is an answer, which serves all.
const PATIENCE = 2000; // ms

function askedFor(hash, shelf, comm) {
  shelf.waiting ??= new Set();
  return new Promise((done) => {
    const hear = (message, [data] = []) => {
      if (message.weights !== hash) return;
      for (const each of shelf.waiting) each(copied(data));
      shelf.waiting.clear();
    };
    const answered = (bytes) => {
      comm.off("msg:custom", hear);
      done(bytes);
    };
    const ask = () => {
      if (!shelf.waiting.has(answered)) return;
      const left = shelf.asked + PATIENCE - performance.now();
      if (left > 0) {
        setTimeout(ask, left);
        return;
      }
      shelf.asked = performance.now();
      comm.send({ask: "weights"});
    };
    shelf.waiting.add(answered);
    comm.on("msg:custom", hear);
    ask();
  });
}

// What travelled as a view on a larger buffer, in one of its own.
const copied = ({buffer, byteOffset, byteLength}) =>
  buffer.slice(byteOffset, byteOffset + byteLength);
