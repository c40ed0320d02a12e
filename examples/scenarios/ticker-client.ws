# A client of the mock in ticker.ws.
@host = localhost:8080

[prices]
connect ws://{{host}}/ticker/ABC
  subprotocol ticker.v1
< opened subprotocol ticker.v1
> {"op":"subscribe","id":"s1"}
< {"op":"subscribed","id":"s1","symbol":"ABC"}
> ping
<~ "pong"
repeat 3 {
  <~ {"symbol":"ABC"} and json $.price >= 1 and json $.price <= 100
}
<~ closed 1000 /closing time/ within 2s

[without the subprotocol]
connect ws://{{host}}/ticker/ABC
< refused 400
