// Runs the page's own script and WebAssembly in a worker. `main` sees that there is no window, and
// listens here from then on (client/src/main.rs). Page and engine speak through the worker itself: in
// WebKit the messages of a port wait until no message of a socket is left.
onmessage = async ({ data: [script, module, list, timeout] }) => {
  const pending = [];
  onmessage = (event) => pending.push(event);
  try {
    self.list = (await acquiresLock(list, timeout)) ? list : '';
    const { default: start } = await import(script);
    await start({ module_or_path: module });
    pending.forEach((event) => onmessage(event));
  } catch (error) {
    postMessage(String(error));
  }
};

// Takes the way of a socket's messages through the browser, and so waits for those before it. Asks no
// server: the cache has no such file.
self.probe = () => fetch('probe', { cache: 'only-if-cached', mode: 'same-origin' }).catch(() => {});

// Resolves to true if this engine is the one that keeps the list, until it ends: a duplicated window has the
// same tabs. The engine of a page that was just left may take a moment to let go. Pages from
// elsewhere than https or this machine have no locks, and must do without.
function acquiresLock(list, timeout) {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(list, { signal: AbortSignal.timeout(timeout) }, hold).catch(() => resolve(false));
  });
}
