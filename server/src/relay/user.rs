//! User of this machine who has the other end of a connection. Anybody on a machine can open a loopback port, and a
//! program can say of itself that it is a page; whose it is, the system knows. Linux only.

use std::net::SocketAddr;

/// True if another user of this machine, neither that of this process nor root, has the socket `peer`. False if
/// the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn is_another(peer: SocketAddr) -> bool {
    linux::is_another(linux::own(), linux::user_of(peer))
}

/// Never: only Linux says whose a socket is.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_another(_: SocketAddr) -> bool {
    false
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{net::SocketAddr, os::unix::fs::MetadataExt};

    const ROOT: u32 = 0;

    /// A server of root is there for others.
    pub(super) fn is_another(own: Option<u32>, user: Option<u32>) -> bool {
        matches!((own, user), (Some(own), Some(user)) if ![own, ROOT].contains(&user) && own != ROOT)
    }

    /// User of this process.
    pub(super) fn own() -> Option<u32> {
        std::fs::metadata("/proc/self").ok().map(|process| process.uid())
    }

    /// User who opened the socket with this address.
    pub(super) fn user_of(peer: SocketAddr) -> Option<u32> {
        // An IPv4 address may be one of a socket for both.
        let sockets = [procfs::net::tcp(), procfs::net::tcp6()].into_iter().flatten().flatten();
        let is_peer = |address: SocketAddr| {
            (address.ip().to_canonical(), address.port()) == (peer.ip(), peer.port())
        };
        let mut found = sockets.filter(|socket| is_peer(socket.local_address));
        found.next().map(|socket| socket.uid)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_connection_of_this_process_is_its_users() {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let there = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (_here, peer) = listener.accept().unwrap();
            assert_eq!(there.local_addr().unwrap(), peer);
            assert!(own().is_some());
            assert_eq!(user_of(peer), own());
        }

        #[test]
        fn another_user_is_neither_ours_nor_root_nor_unknown() {
            for (own, user, expected) in [
                (Some(1000), Some(1001), true),
                (Some(1000), Some(1000), false),
                (Some(1000), Some(ROOT), false),
                (Some(ROOT), Some(1000), false),
                (Some(1000), None, false),
                (None, Some(1000), false),
            ] {
                assert_eq!(is_another(own, user), expected, "{own:?} {user:?}");
            }
        }
    }
}
