//! User of this machine at the other end of a connection. Any user of a machine can open a loopback
//! port, and a program can claim to be a page; only the system knows the user. Linux only.

use std::net::SocketAddr;

/// True if another user of this machine, neither that of this process nor root, has the socket `peer`. False if
/// the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn is_another(peer: SocketAddr) -> bool {
    linux::users_of(peer).into_iter().any(|user| linux::is_another(linux::own(), user))
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

    /// A server of root is there for others.
    pub(super) fn is_another(own: Option<u32>, user: u32) -> bool {
        own.is_some_and(|own| ![own, ROOT].contains(&user) && own != ROOT)
    }

    /// User of this process.
    pub(super) fn own() -> Option<u32> {
        std::fs::metadata("/proc/self").ok().map(|process| process.uid())
    }

    /// Users of open connections from this address: one, but for a port that leads to several servers. A
    /// connection that is over (`TIME_WAIT`) counts as root's, whoever had it.
    pub(super) fn users_of(peer: SocketAddr) -> Vec<u32> {
        // An IPv4 address may be one of a socket for both.
        let sockets = [procfs::net::tcp(), procfs::net::tcp6()].into_iter().flatten().flatten();
        let is_peer = |address: SocketAddr| {
            (address.ip().to_canonical(), address.port()) == (peer.ip(), peer.port())
        };
        let is_open = |state: &TcpState| *state == TcpState::Established;
        let found = sockets.filter(|it| is_peer(it.local_address) && is_open(&it.state));
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
            assert_eq!(users_of(peer), own().into_iter().collect::<Vec<_>>());
            // What is left of a connection that is over is nobody's.
            drop((there, here));
            assert!(users_of(peer).is_empty());
        }

        #[test]
        fn another_user_is_neither_ours_nor_root() {
            for (own, user, expected) in [
                (Some(1000), 1001, true),
                (Some(1000), 1000, false),
                (Some(1000), ROOT, false),
                (Some(ROOT), 1000, false),
                (None, 1000, false),
            ] {
                assert_eq!(is_another(own, user), expected, "{own:?} {user:?}");
            }
        }
    }
}
