// HTTP proxy of Node.js for CONNECT, wherever it is asked to connect to: on this machine. Prints its port.
const net = require("net");

const proxy = require("http").createServer();
proxy.on("connect", (request, client, head) => {
  const onward = net.connect(Number(request.url.split(":").pop()), "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    onward.write(head);
    onward.pipe(client).pipe(onward);
  });
  onward.on("error", () => client.destroy());
  client.on("error", () => onward.destroy());
});
proxy.listen(0, "127.0.0.1", () => console.log(proxy.address().port));
