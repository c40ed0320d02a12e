//! User of this machine at the other end of a connection. Any user of a machine can open a loopback
//! port, and a program can claim to be a page; only the system knows the user. Linux only.

use std::net::SocketAddr;

/// True if another user of this machine has the socket `peer`: neither root nor who started this process, by
/// sudo or not. False if the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn is_another(peer: SocketAddr) -> bool {
    let started_by = linux::started_by();
    linux::users_of(peer).into_iter().any(|user| linux::is_another(&started_by, user))
}

/// Never: only Linux says whose a socket is.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_another(_: SocketAddr) -> bool {
    false
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{net::SocketAddr, os::unix::fs::MetadataExt};

    use procfs::net::TcpState;

    /// User id of root.
    const ROOT: u32 = 0;

    /// True for a user other than root and those who started the process, if they are known.
    pub(super) fn is_another(started_by: &[u32], user: u32) -> bool {
        !started_by.is_empty() && user != ROOT && !started_by.contains(&user)
    }

    /// User of this process; of root's, also the one who became root by sudo.
    pub(super) fn started_by() -> Vec<u32> {
        let sudo = || std::env::var("SUDO_UID").ok()?.parse().ok();
        let own = own();
        own.into_iter().chain(own.filter(|own| *own == ROOT).and_then(|_| sudo())).collect()
    }

    /// User of this process.
    pub(super) fn own() -> Option<u32> {
        std::fs::metadata("/proc/self").ok().map(|process| process.uid())
    }

    /// Users of connections from this address: one, but for a port that leads to several servers. A client that has
    /// sent its end reads on, so that its connection counts; one that is over (`TIME_WAIT`) is root's, whoever had it.
    pub(super) fn users_of(peer: SocketAddr) -> Vec<u32> {
        // An IPv4 address may be one of a socket for both.
        let sockets = [procfs::net::tcp(), procfs::net::tcp6()].into_iter().flatten().flatten();
        let is_peer = |address: SocketAddr| {
            (address.ip().to_canonical(), address.port()) == (peer.ip(), peer.port())
        };
        let is_over = |state: &TcpState| *state == TcpState::TimeWait;
        let found = sockets.filter(|it| is_peer(it.local_address) && !is_over(&it.state));
        found.map(|socket| socket.uid).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_connection_of_this_process_is_its_users() {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let there = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (here, peer) = listener.accept().unwrap();
            assert_eq!(there.local_addr().unwrap(), peer);
            assert!(own().is_some());
            let own = own().into_iter().collect::<Vec<_>>();
            assert_eq!(users_of(peer), own);
            there.shutdown(std::net::Shutdown::Write).unwrap();
            assert_eq!(users_of(peer), own, "it can still read");
            // What is left of a connection that is over is nobody's.
            drop((there, here));
            assert!(users_of(peer).iter().all(|user| *user == ROOT));
        }

        #[test]
        fn another_user_is_neither_root_nor_who_started_the_server() {
            for (started_by, user, expected) in [
                (&[1000][..], 1001, true),
                (&[1000], 1000, false),
                (&[1000], ROOT, false),
                (&[ROOT], 1000, true),
                (&[ROOT, 1000], 1000, false),
                (&[ROOT, 1000], 1001, true),
                (&[], 1000, false),
            ] {
                assert_eq!(is_another(started_by, user), expected, "{started_by:?} {user:?}");
            }
        }
    }
}
