# A message of one member of a room reaches the other.
@host = localhost:8080

connect alice ws://{{host}}/chat/lobby
alice < opened
connect bob ws://{{host}}/chat/lobby
bob < opened

alice > hello from alice
bob <~ contains "hello from alice" within 1s
bob > hello from bob
alice <~ contains "hello from bob" within 1s
