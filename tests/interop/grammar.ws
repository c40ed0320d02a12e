# Each word at its place.
@host = localhost:8080
timeout 2s
limit 1m30s
require p99 < 50ms
include "settings.ws" # first
[a section]
connect alice ws://{{host}}/echo
  header X-Id: 7 {{host}}
  subprotocol one two
  compression on
  compression off
  ignore json $.kind == "heartbeat"
  on "ping" > pong
alice < opened subprotocol one and header X-Id == "7" capture id = header X-Id within 1s
alice > {
  "op": "hello",
  "n": 12
}
alice < {"op":"hello"} capture id = $.id capture whole = text within 250ms
alice <~ contains "part" and matches /^id=[0-9]+$/ capture id = /([0-9]+)/
alice < json $.a exists
alice < json $.a missing
alice < json $.a is string
alice < json $.a matches /x/
alice < json $.a >= 12 and size > 30
alice < any
alice < text
alice < binary
alice < hex 00 ff
alice > hex 00 ff
alice > base64 AP8=
alice > file "body.json"
alice > fragment 5 "in frames"
alice > fragment 5 hex 00 ff
alice > fragment 5 {"n":12}
alice > fragment 5 plain words
alice > plain words # are no comment
alice silent 1s
alice never "secret"
alice wait 1s
alice ping "p"
alice < pong "p"
alice pong
alice < ping
alice close 4001 "bye"
alice < closed 4001 /bye/ by server
alice < closed by client
alice drop
alice < dropped
repeat 3 {
  alice > 1
}
every 100ms for 1s {
  alice > 2
}
any 2 of {
  alice < "1"
}
unordered {
  alice < "1"
}
parallel {
  barrier
}
connect bob ws://{{host}}/reject
bob < refused 403 and header Retry-After exists
serve /ticker/{symbol}
  query side=buy
  refuse 401
