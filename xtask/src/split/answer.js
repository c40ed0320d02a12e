
// Only in a page that records what runs (tests/first_load.rs does the asking).
new BroadcastChannel("marks").onmessage = async ({ target, data: [from, to] }) => {
  const { default: start } = await import("./SCRIPT");
  const { memory } = await start();
  target.postMessage(Array.from(new Uint8Array(memory.buffer, from, to - from)));
};
