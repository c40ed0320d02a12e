# Socket.IO 4 over Engine.IO 4, written out: two members of a room, an acknowledgement, and the server's ping.
@host = localhost:3000

connect alice ws://{{host}}/socket.io/?EIO=4&transport=websocket
  on "2" > 3
alice < "0" {"upgrades":[]} and "0" json $.sid capture engine = /"sid":"([^"]+)"/
alice > 40
alice < "40" json $.sid

connect bob ws://{{host}}/socket.io/?EIO=4&transport=websocket
  on "2" > 3
bob < "0" json $.pingInterval is number
bob > 40
bob < "40" json $.sid

alice > 420["join","lobby"]
alice < "430" [{"room":"lobby"}]
bob > 420["join","lobby"]
bob < "430" [{"room":"lobby"}]

bob > 42["say","lobby","hello"]
alice < "42" ["said","hello"] within 1s
bob silent 500ms

alice > 41
bob close
bob < closed
