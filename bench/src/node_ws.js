// `node node_ws.js PORT on|off`: an echo server on npm's `ws`, with or without permessage-deflate.
const [port, deflate] = process.argv.slice(2);
const { WebSocketServer } = require("ws");
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(port),
  perMessageDeflate: deflate === "on",
});
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  // A connection that is torn down is no reason to end.
  socket.on("error", () => {});
});
