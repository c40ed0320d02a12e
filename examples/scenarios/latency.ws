# 99 of 100 answers come within half a second.
@host = localhost:8080
require p99 < 500ms

connect ws://{{host}}/echo
repeat 200 {
  > message {{seq}}
  < matches /^message [0-9]+$/
}
