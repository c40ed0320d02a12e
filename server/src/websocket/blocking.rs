//! Compression of large messages, beside the workers of tokio.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
    task::block_in_place,
};

/// Smallest message that is compressed apart, in bytes: it takes about 5 ms.
const LARGE: usize = 256 << 10;

/// Large messages that are compressed apart at the same time, at most: each takes a thread of the 512 that tokio has.
const APART: usize = 8;

/// Permits of those that are compressed apart.
static PERMITS: Semaphore = Semaphore::const_new(APART);

/// Compresses a message of `len` bytes by `work`. Meanwhile the other tasks of the worker go on in another thread, if
/// the message is large and fewer than [`APART`] are compressed so.
pub(super) fn compress<T>(len: usize, work: impl FnOnce() -> T) -> T {
    let has_threads = |it: Handle| it.runtime_flavor() == RuntimeFlavor::MultiThread;
    let is_apart = len >= LARGE && Handle::try_current().is_ok_and(has_threads);
    match is_apart.then(|| PERMITS.try_acquire().ok()).flatten() {
        Some(_permit) => block_in_place(work),
        None => work(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            atomic::{AtomicUsize, Ordering::SeqCst},
            mpsc::channel,
        },
        thread::sleep,
        time::Duration,
    };

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

    #[test]
    fn many_large_messages_at_once_take_few_threads() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let compressing = || {
            compress(LARGE, || {
                MOST.fetch_max(NOW.fetch_add(1, SeqCst) + 1, SeqCst);
                sleep(Duration::from_millis(5));
                NOW.fetch_sub(1, SeqCst);
            });
        };
        let tasks: Vec<_> = (0..64).map(|_| runtime.spawn(async move { compressing() })).collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
        assert!(MOST.load(SeqCst) <= APART + 1, "{MOST:?}");
    }
}
