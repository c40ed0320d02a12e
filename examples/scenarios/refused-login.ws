# A wrong token is answered by close 4001.
@host = localhost:8080

connect ws://{{host}}/feed
> {"op":"login","token":"wrong"}
< closed 4001 /token/
