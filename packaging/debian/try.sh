#!/bin/sh
# Tries the installed service inside a booted system: `cargo xtask package --check`. Leaves /root/passed if all is well.
set -ex
exec >/root/tried 2>&1
answers() { wsbench "ws://$1/echo" -x up --expect up --timeout 20; }
id() { systemctl show wsbench.service --property MainPID --value; }
systemctl start wsbench.socket
answers 127.0.0.1:8080 # The first client starts it.
answers '[::1]:8080'
before=$(id)
systemctl reload wsbench.service
answers 127.0.0.1:8080
test "$before" = "$(id)"
systemctl stop wsbench.socket wsbench.service
systemctl start wsbench.service
answers 127.0.0.1:8080
before=$(id)
dpkg --install /root/wsbench.deb # An upgrade restarts it.
answers 127.0.0.1:8080
test "$before" != "$(id)"
systemctl stop wsbench.service
test "$(systemctl show wsbench.service --property Result --value)" = success
journalctl --unit wsbench.service --no-pager --output cat
touch /root/passed
