// Keeps the page for when its server is away. The document is asked for each time, so that a new
// build is there at the next load; what it names by hash never changes and is kept until no document
// names it. Sockets and everything else go by.
const CACHE = "page";
const DOCUMENT = new URL("./", location).href;
const WORKER = new URL("worker.js", location).href;
// Trunk leaves out leading zeros of a hash.
const HASHED = /-[0-9a-f]{8,16}(_\w+)?\.\w+$/;
// What the page's document names and no other does: another program may listen at this place next.
const OURS = "wsbench-page-";
// Milliseconds after which a server that has not answered is away.
const PATIENCE = 5000;

onactivate = (event) => event.waitUntil(clients.claim());

oninstall = (event) => event.waitUntil(ask(DOCUMENT).then(keep).then(() => skipWaiting()));

onfetch = (event) => {
  const { method, mode, url } = event.request;
  const place = url.split(/[?#]/)[0];
  if (method !== "GET" || !place.startsWith(DOCUMENT)) return;
  if (mode === "navigate" && place === DOCUMENT) {
    const answer = ask(event.request);
    event.respondWith(answer.then((it) => it.clone(), () => kept(DOCUMENT)));
    event.waitUntil(answer.then(keep).catch(() => {}));
  } else if (place === WORKER) {
    event.respondWith(ask(WORKER).catch(() => kept(WORKER)));
  } else if (HASHED.test(place)) {
    event.respondWith(caches.match(place).then((it) => it ?? fetch(event.request)));
  }
};

async function ask(what) {
  const late = new Promise((_, fail) => setTimeout(fail, PATIENCE, new Error("no answer")));
  const answer = await Promise.race([fetch(what, { cache: "no-cache" }), late]);
  if (answer.status >= 500) throw new Error(`status ${answer.status}`);
  return answer;
}

async function kept(place) {
  return (await caches.match(place)) ?? Response.error();
}

// Files first, then the document that names them, then the old ones go: whatever ends this half-way,
// the document that is kept has all its files.
async function keep(answer) {
  if (!answer.ok) return;
  const text = await answer.clone().text();
  if (!text.includes(OURS)) {
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
