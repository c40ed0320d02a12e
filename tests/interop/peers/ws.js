// npm's `ws`. `node ws.js` is an echo server that prints its port: over TLS with the files of `CERT` and `KEY`, for
// clients with a certificate of `CLIENTS` if that is there, and only with the `COOKIE` and `ORIGIN` that are set; the query of a URL has its own parameters of
// permessage-deflate. `node ws.js URL PARAMETERS…` is a client, once for each set of parameters.
const { WebSocket, WebSocketServer } = require("ws");

const NAMES = {
  server_no_context_takeover: "serverNoContextTakeover",
  client_no_context_takeover: "clientNoContextTakeover",
  server_max_window_bits: "serverMaxWindowBits",
  client_max_window_bits: "clientMaxWindowBits",
};

// Options of `ws`, from the parameters as they stand in the header. Compresses small messages, too.
const options = (parameters) => {
  const options = { threshold: 0 };
  for (const parameter of parameters.split(";").map((it) => it.trim()).filter(Boolean)) {
    const [name, value] = parameter.split("=");
    options[NAMES[name]] = value ? Number(value) : true;
  }
  return options;
};

const read = (file) => file && require("fs").readFileSync(file);

const serve = () => {
  const { CERT, KEY, CLIENTS, COOKIE, ORIGIN } = process.env;
  const tls = { cert: read(CERT), key: read(KEY), ca: read(CLIENTS), requestCert: !!CLIENTS };
  const http = CERT ? require("https").createServer(tls) : require("http").createServer();
  http.on("upgrade", (request, socket, head) => {
    const { cookie, origin } = request.headers;
    if ((COOKIE && COOKIE !== cookie) || (ORIGIN && ORIGIN !== origin))
      return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const query = decodeURIComponent(new URL(request.url, "ws://localhost").search.slice(1));
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: options(query) });
    server.handleUpgrade(request, socket, head, (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
  });
  http.listen(0, "127.0.0.1", () => console.log(http.address().port));
};

const text = "as services send it, ".repeat(200);
const messages = [text, "", "b", Buffer.alloc(70000, "0123456789"), text];

// Has the messages echoed, and says what was agreed on.
const converse = (url, parameters) =>
  new Promise((resolve, reject) => {
    const perMessageDeflate = parameters === "off" ? false : options(parameters);
    const ca = read(process.env.CA);
    const socket = new WebSocket(url, { perMessageDeflate, ca });
    let extensions = "";
    socket.on("upgrade", (response) => (extensions = response.headers["sec-websocket-extensions"] ?? ""));
    let index = 0;
    socket.on("open", () => messages.forEach((message) => socket.send(message)));
    socket.on("message", (data) => {
      if (!data.equals(Buffer.from(messages[index]))) reject(new Error(`message ${index} came back otherwise`));
      if (++index === messages.length) socket.close();
    });
    socket.on("error", reject);
    socket.on("close", (code) => (code === 1005 ? resolve(extensions) : reject(new Error(`close ${code}`))));
  });

const [url, ...sets] = process.argv.slice(2);
if (!url) serve();
else
  (async () => {
    for (const set of sets) console.log(await converse(url, set));
  })().catch((error) => {
    console.error(error);
    process.exit(1);
  });
