// A feed with a login, on npm's `ws`: the peer of `examples/scenarios/{login,silence,refused-login}.ws`.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => console.log(server.address().port));

server.on("connection", (socket) => {
  let session;
  socket.on("message", (data) => {
    const { op, token, channel, ...message } = JSON.parse(data);
    const answer = (answer) => socket.send(JSON.stringify(answer));
    if (op === "login" && token !== "open-sesame") socket.close(4001, "wrong token");
    else if (op === "login") answer({ op: "welcome", session: (session = crypto.randomUUID()) });
    else if (message.session !== session) socket.close(4003, "no session");
    else {
      answer({ op: "subscribed", channel });
      setTimeout(() => answer({ op: "event", channel, price: 101.5 }), 100);
    }
  });
});
