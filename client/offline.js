// Keeps the page for when its server is away. The document is asked for each time, so that a new
// build is there at the next load; what it names by hash never changes and is kept until no document
// names it. Sockets and everything else go by.
const CACHE = "page";
const DOCUMENT = new URL("./", location).href;
const WORKER = new URL("worker.js", location).href;

onactivate = (event) => event.waitUntil(clients.claim());

oninstall = (event) => event.waitUntil(fetched(DOCUMENT).then(keep).then(() => skipWaiting()));

onfetch = (event) => {
  const { mode, method, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate" && url.split(/[?#]/)[0] === DOCUMENT) {
    const answer = fetched(DOCUMENT);
    event.waitUntil(answer.then((it) => keep(it.clone())).catch(() => {}));
    event.respondWith(answer.then((it) => it.clone()).catch(() => caches.match(DOCUMENT)));
  } else if (url === WORKER) {
    event.respondWith(fetched(WORKER).catch(() => caches.match(WORKER)));
  } else {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
  }
};

async function fetched(url) {
  const answer = await fetch(url, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

// Files first, then the document that names them, then the old ones go: whatever ends this half-way,
// the document that is kept has all its files.
async function keep(answer) {
  const cache = await caches.open(CACHE);
  const named = [...(await answer.clone().text()).matchAll(/(?:href|src)="([^"]+)"/g)];
  const files = named.map(([, path]) => new URL(path, DOCUMENT).href);
  const old = await cache.keys();
  const missing = files.filter((file) => !old.some(({ url }) => url === file));
  await cache.addAll([...new Set(missing), WORKER]);
  await cache.put(DOCUMENT, answer);
  const wanted = [...files, WORKER, DOCUMENT];
  await Promise.all(old.filter(({ url }) => !wanted.includes(url)).map((it) => cache.delete(it)));
}
