# After login and subscription, an event of the channel comes within 2 s.
@host = localhost:8080
@token = open-sesame

connect ws://{{host}}/feed
> {"op":"login","token":"{{token}}"}
< {"op":"welcome"} capture session = $.session
> {"op":"subscribe","session":"{{session}}","channel":"prices"}
< {"op":"subscribed","channel":"prices"}
< {"op":"event","channel":"prices"} and json $.price > 0 within 2s
close
< closed 1000
