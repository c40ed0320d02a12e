// Runs the page's own script and WebAssembly in a worker. `main` sees that there is no window and
// takes the port from here (client/src/main.rs).
onmessage = async ({ data: [script, module, port] }) => {
  try {
    self.port = port;
    const { default: start } = await import(script);
    await start({ module_or_path: module });
  } catch (error) {
    port.postMessage(String(error));
  }
};
