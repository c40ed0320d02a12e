// `node reactions.js WS-URL PATH...`: how npm's `ws` takes each fault, a line of text each.
const WebSocket = require("ws");

// Longer than it ever takes: only a client that hangs is ended by it.
const PATIENCE = 30000;

const react = (url) =>
  new Promise((resolve) => {
    const seen = [];
    const socket = new WebSocket(url);
    const timer = setTimeout(() => socket.terminate(), PATIENCE);
    socket.on("open", () => socket.send("hi"));
    socket.on("message", (data) => {
      // The echo comes after the fault: it went unnoticed.
      if (data.toString() === "hi") socket.terminate(), seen.push("goes on");
      else seen.push(`takes '${data}'`);
    });
    socket.on("error", (error) => seen.push(error.message));
    socket.on("close", (code) => {
      clearTimeout(timer);
      if (!seen.includes("goes on")) seen.push(`close ${code}`);
      resolve(seen.join("; "));
    });
  });

(async () => {
  const [server, ...paths] = process.argv.slice(2);
  for (const path of paths) console.log(await react(server + path));
})();
