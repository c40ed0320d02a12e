//! Compression of large messages, beside the workers of tokio.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// Smallest message that is compressed apart, in bytes: it takes about 5 ms.
const LARGE: usize = 256 << 10;

/// Compresses a message of `len` bytes by `work`. Meanwhile the other tasks of the worker go on in another thread, if
/// the message is large.
pub(super) fn compress<T>(len: usize, work: impl FnOnce() -> T) -> T {
    let has_threads = |it: Handle| it.runtime_flavor() == RuntimeFlavor::MultiThread;
    if len >= LARGE && Handle::try_current().is_ok_and(has_threads) {
        block_in_place(work)
    } else {
        work()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, time::Duration};

    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn the_other_tasks_of_the_only_worker_go_on_beside_a_large_message() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let compressing = runtime.spawn(async {
            let (sender, receiver) = channel();
            tokio::spawn(async move { sender.send(()) });
            compress(LARGE, || receiver.recv_timeout(Duration::from_secs(10)))
        });
        assert_eq!(runtime.block_on(compressing).unwrap(), Ok(()));
    }
}
