# The conversation that the project began with.
@host = localhost:8080

connect ws://{{host}}/ws
> hi
< "Echo: hi"
