// Counts messages in a worker, and tells the page once a frame.
const FRAME = 16;
onmessage = ({ data: address }) => {
  let received = 0;
  let told = 0;
  const tell = () => { told = performance.now(); postMessage(received); };
  new WebSocket(address).onmessage = () => {
    received += 1;
    if (performance.now() - told >= FRAME) tell();
  };
  setInterval(tell, FRAME);
};
