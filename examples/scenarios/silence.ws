# A client that is logged in, but has no subscription, receives nothing for 1 s.
@host = localhost:8080
@token = open-sesame

connect ws://{{host}}/feed
> {"op":"login","token":"{{token}}"}
< {"op":"welcome"}
silent 1s
