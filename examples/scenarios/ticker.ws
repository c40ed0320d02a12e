# A mock of a ticker: wsbench mock ticker.ws
serve /ticker/{symbol}
  subprotocol ticker.v1
  on "ping" > pong
< {"op":"subscribe"} capture id = $.id
> {"op":"subscribed","id":"{{id}}","symbol":"{{symbol}}"}
every 20ms for 200ms {
  > {"symbol":"{{symbol}}","price":{{random 1 100}}}
}
close 1000 "closing time"

serve /ticker/{symbol}
  refuse 400
