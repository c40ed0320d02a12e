// Socket.IO's own server: rooms, and acknowledgements. The peer of `examples/scenarios/socket-io.ws`.
const http = require("http").createServer();
const { Server } = require("socket.io");

new Server(http, { pingInterval: 300, pingTimeout: 1000 }).on("connection", (socket) => {
  socket.on("join", (room, acknowledge) => {
    socket.join(room);
    acknowledge({ room });
  });
  socket.on("say", (room, text) => socket.to(room).emit("said", text));
});

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
