// Runs the page's own script and WebAssembly in a worker. `main` sees that there is no window and
// takes the port from here (client/src/main.rs).
onmessage = async ({ data: [script, module, port, list] }) => {
  try {
    self.port = port;
    self.list = (await claims(list)) ? list : '';
    const { default: start } = await import(script);
    await start({ module_or_path: module });
  } catch (error) {
    port.postMessage(String(error));
  }
};

// Whether this engine is the one that keeps the list, until it ends: a duplicated window has the
// same tabs. The engine of a page that was just left may take a moment to let go. Pages from
// elsewhere than https or this machine have no locks, and must do without.
function claims(list) {
  if (!navigator.locks) return true;
  return new Promise((answer) => {
    const hold = () => {
      answer(true);
      return new Promise(() => {});
    };
    navigator.locks.request(list, { signal: AbortSignal.timeout(1000) }, hold).catch(() => answer(false));
  });
}
