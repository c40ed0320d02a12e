// Keeps the page for when its server is away. The document is asked for each time, so that a new
// build is there at the next load; what it names by hash never changes and is kept until no document
// names it. Sockets and everything else go by.
const CACHE = "page";
const DOCUMENT = new URL("./", location).href;
const WORKER = new URL("worker.js", location).href;
// Trunk leaves out leading zeros of a hash.
const HASHED = /-[0-9a-f]{8,16}(_\w+)?\.\w+$/;
// Name that the page's document has and no other: another program may listen at this place next.
const MARKER = "wsbench-page-";
// Milliseconds after which a server that has not answered is away.
const TIMEOUT = 5000;

onactivate = (event) => event.waitUntil(clients.claim());

oninstall = (event) => event.waitUntil(fetchFresh(DOCUMENT).then(keep).then(() => skipWaiting()));

onfetch = (event) => {
  const { method, mode } = event.request;
  const url = event.request.url.split(/[?#]/)[0];
  if (method !== "GET" || !url.startsWith(DOCUMENT)) return;
  if (mode === "navigate" && url === DOCUMENT) {
    const answer = fetchFresh(event.request);
    event.respondWith(answer.then((it) => it.clone(), () => cached(DOCUMENT)));
    event.waitUntil(answer.then(keep).catch(() => {}));
  } else if (url === WORKER) {
    event.respondWith(fetchFresh(WORKER).catch(() => cached(WORKER)));
  } else if (HASHED.test(url)) {
    event.respondWith(caches.match(url).then((it) => it ?? fetch(event.request)));
  }
};

async function fetchFresh(what) {
  const late = new Promise((_, fail) => setTimeout(fail, TIMEOUT, new Error("no answer")));
  const answer = await Promise.race([fetch(what, { cache: "no-cache" }), late]);
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  return answer;
}

async function cached(url) {
  return (await caches.match(url)) ?? Response.error();
}

// Files first, then the document that names them, then the old ones go: whatever ends this half-way,
// the document that is kept has all its files.
async function keep(answer) {
  if (!answer.ok) return;
  const text = await answer.clone().text();
  if (!text.includes(MARKER)) {
    await caches.delete(CACHE);
    await registration.unregister();
    return;
  }
  const cache = await caches.open(CACHE);
  const named = [...text.matchAll(/(?:href|src)="?([^"\s>]+)/g)];
  const files = named.map(([, path]) => new URL(path, DOCUMENT).href);
  const old = await cache.keys();
  const missing = files.filter((file) => !old.some(({ url }) => url === file));
  await cache.addAll([...new Set(missing), WORKER]);
  await cache.put(DOCUMENT, answer);
  const wanted = [...files, WORKER, DOCUMENT];
  await Promise.all(old.filter(({ url }) => !wanted.includes(url)).map((it) => cache.delete(it)));
}
