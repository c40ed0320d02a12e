# The subprotocol graphql-transport-ws: a connection with a token, a query, a subscription, and refusals.
@host = localhost:4000
@token = open-sesame

connect ws://{{host}}/graphql
  subprotocol graphql-transport-ws
< opened subprotocol graphql-transport-ws

[query]
> {"type":"connection_init","payload":{"token":"{{token}}"}}
< {"type":"connection_ack"}
> {"id":"1","type":"subscribe","payload":{"query":"{ hello }"}}
< {"id":"1","type":"next","payload":{"data":{"hello":"world"}}}
< {"id":"1","type":"complete"}

[subscription]
> {"type":"connection_init","payload":{"token":"{{token}}"}}
< {"type":"connection_ack"}
> {
  "id": "2",
  "type": "subscribe",
  "payload": {"query": "subscription { countdown(from: 2) }"}
}
< json $.payload.data.countdown == 2
< json $.payload.data.countdown == 1
< json $.payload.data.countdown == 0
< {"id":"2","type":"complete"}

[ping]
> {"type":"ping","payload":{"n":1}}
< {"type":"pong"}

[before the acknowledgement]
> {"id":"3","type":"subscribe","payload":{"query":"{ hello }"}}
< closed 4401 /Unauthorized/

[wrong token]
> {"type":"connection_init","payload":{"token":"wrong"}}
< closed 4403 /Forbidden/
