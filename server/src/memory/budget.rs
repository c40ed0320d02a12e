//! Memory budget: the bytes held for the peers of all WebSockets, and the choice of who is shed. Requests are bounded
//! by themselves, one by one.
//!
//! Above three quarters of the limit the state of compressors is given back, and no new connection
//! gets compression. Above the limit the connections that hold most for each byte they sent are
//! closed.

use std::{
    collections::BinaryHeap,
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::Waker,
};

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};

use super::account::Account;

/// Divisor of a limit: this part of it is freed at once above it, and held memory may grow by as much before more
/// connections are chosen. So a choice, which scans all connections, is rare.
const STEP: usize = 8;

/// Connections chosen at once have at least this fraction of the first one's weight: others need
/// not go for a few that hold far more.
const CLASS: u64 = 4;

/// Bytes held for all peers, with their limit.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Maximum of `held`, in bytes. Exceeded briefly, until the chosen connections have ended.
    limit: usize,
    /// Bytes held for all peers; shared ones count once.
    held: AtomicUsize,
    /// True above three quarters of the limit, until less than five eighths are held.
    is_short: AtomicBool,
    /// Connections to choose from. Locked by a connection that begins or ceases to hold memory, and
    /// for a choice.
    accounts: Mutex<Accounts>,
}

/// Accounts of the connections that hold memory.
#[derive(Debug, Default)]
struct Accounts {
    /// Accounts in no order; each knows its slot.
    list: Vec<Arc<Account>>,
    /// Connections that are shed and have not ended yet.
    shedding: usize,
    /// Bytes held when they were chosen.
    held_then: usize,
    /// Least weight to be chosen then.
    least: u64,
}

impl Budget {
    /// Creates a budget of `limit` bytes.
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            held: AtomicUsize::new(0),
            is_short: AtomicBool::new(false),
            accounts: Mutex::default(),
        })
    }

    /// Bytes that may be held.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Relaxed)
    }

    /// True if memory is short: anything that can be rebuilt is to be freed.
    pub(crate) fn is_short(&self) -> bool {
        self.is_short.load(Relaxed)
    }

    /// Charges `payload`, and `overhead` bytes of memory around it, once, for as long as any of its clones is held.
    pub(crate) fn charged(self: &Arc<Self>, payload: Vec<u8>, overhead: usize) -> Bytes {
        let bytes = payload.len() + overhead;
        self.charge(bytes);
        Bytes::from_owner(Charged { payload, bytes, budget: Arc::clone(self) })
    }

    /// Adds bytes held.
    pub(super) fn charge(&self, bytes: usize) {
        let held = self.held.fetch_add(bytes, Relaxed).saturating_add(bytes);
        if held > self.limit / 4 * 3 && !self.is_short.swap(true, Relaxed) {
            wake_all(self.accounts().list.iter().map(|account| account.waker.clone()).collect());
        }
        if held > self.limit {
            self.shed();
        }
    }

    /// Takes off bytes no longer held.
    pub(super) fn release(&self, bytes: usize) {
        let held = self.held.fetch_sub(bytes, Relaxed).saturating_sub(bytes);
        if self.is_short() && held < self.limit / 8 * 5 {
            self.is_short.store(false, Relaxed);
        }
    }

    /// Adds an account.
    pub(super) fn register(&self, account: &Arc<Account>) {
        let mut accounts = self.accounts();
        account.slot.store(accounts.list.len(), Relaxed);
        accounts.list.push(Arc::clone(account));
    }

    /// Removes an account, which holds nothing any more.
    pub(super) fn remove(&self, account: &Account) {
        let mut accounts = self.accounts();
        let slot = account.slot.load(Relaxed);
        accounts.list.swap_remove(slot);
        if let Some(moved) = accounts.list.get(slot) {
            moved.slot.store(slot, Relaxed);
        }
        if account.is_shed() {
            accounts.shedding -= 1;
            drop(accounts);
            if self.held() > self.limit {
                self.shed();
            }
        }
    }

    /// Sheds a connection that holds more than before at once if the limit is exceeded, and
    /// it is as heavy as the chosen ones, or held memory grows faster than it is freed.
    pub(super) fn check_growth(&self, account: &Account) {
        let held = self.held();
        if held <= self.limit {
            return;
        }
        let mut accounts = self.accounts();
        let is_heavy = account.weight() >= accounts.least;
        if (is_heavy || held > self.limit / 2 * 3) && !account.is_shed() {
            account.shed();
            accounts.shedding += 1;
        }
    }

    /// Sheds connections. While earlier ones have still to end, only if held memory
    /// has grown by a [`STEP`]th of the limit since.
    fn shed(&self) {
        let mut accounts = self.accounts();
        let held = self.held();
        let step = self.limit / STEP;
        if accounts.shedding > 0 && held < accounts.held_then.saturating_add(step) {
            return;
        }
        let chosen = accounts.heaviest((held + step).saturating_sub(self.limit));
        accounts.shedding += chosen.len();
        accounts.held_then = held;
        drop(accounts);
        wake_all(chosen);
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock()
    }
}

impl Accounts {
    /// Sheds the heaviest connections until they free `needed` bytes. Returns their wakers.
    fn heaviest(&mut self, needed: usize) -> Vec<Waker> {
        let weighed = self.list.iter().enumerate();
        let mut heap = weighed
            .filter(|(_, account)| !account.is_shed() && !account.is_nothing())
            .map(|(slot, account)| (account.weight(), slot))
            .collect::<BinaryHeap<_>>();
        self.least = heap.peek().map_or(0, |(weight, _)| weight / CLASS);
        let (mut freed, mut chosen) = (0, Vec::new());
        while freed < needed
            && let Some((weight, slot)) = heap.pop()
            && weight >= self.least
        {
            let account = &self.list[slot];
            account.shed();
            freed += account.freed_by_end();
            chosen.push(account.waker.clone());
        }
        chosen
    }
}

/// Wakes tasks, outside of the lock: one that ends takes it.
fn wake_all(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// Payload that is charged as long as it exists.
struct Charged {
    payload: Vec<u8>,
    /// Bytes charged.
    bytes: usize,
    /// Budget that gets them back.
    budget: Arc<Budget>,
}

impl AsRef<[u8]> for Charged {
    fn as_ref(&self) -> &[u8] {
        &self.payload
    }
}

impl Drop for Charged {
    fn drop(&mut self) {
        drop(mem::take(&mut self.payload));
        self.budget.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::AtomicUsize,
        task::{Wake, Waker},
    };

    use super::*;
    use crate::memory::{account::Held, share::Share};

    const LIMIT: usize = 80 << 20;
    const MIB: usize = 1 << 20;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// Share of a peer that has sent `received` bytes, and holds `held`.
    fn holding(budget: &Arc<Budget>, held: usize, received: usize) -> Share {
        let share = Share::new(budget, Waker::noop().clone());
        share.set(Held::own(held), received);
        share
    }

    fn shed(shares: &[Share]) -> usize {
        shares.iter().filter(|share| share.is_shed()).count()
    }

    #[test]
    fn shares_add_up_and_are_taken_off() {
        let budget = Budget::new(LIMIT);
        let one = holding(&budget, 3, 0);
        let two = holding(&budget, 4, 0);
        let three = holding(&budget, 5, 0);
        assert_eq!(budget.held(), 12);
        two.set(Held::own(1), 0);
        drop(one);
        assert_eq!(budget.held(), 6);
        drop(three);
        drop(two);
        assert_eq!((budget.held(), budget.accounts().list.len()), (0, 0));
    }

    #[test]
    fn who_holds_most_for_each_byte_sent_gives_way() {
        let budget = Budget::new(LIMIT);
        // One uploads what is held, the others inflate it from a thousandth.
        let uploads = (0..2).map(|_| holding(&budget, 16 * MIB, 16 * MIB)).collect::<Vec<_>>();
        let inflated = (0..2).map(|_| holding(&budget, 16 * MIB, 16 << 10)).collect::<Vec<_>>();
        let small = (0..10).map(|_| holding(&budget, 300 << 10, 100)).collect::<Vec<_>>();
        assert_eq!(shed(&inflated), 0, "within the limit");
        let last = holding(&budget, 16 * MIB, 16 << 10);
        assert!(last.is_shed() || shed(&inflated) > 0);
        assert_eq!((shed(&uploads), shed(&small)), (0, 0));
        // Whoever was chosen is waited for, and nobody else is chosen for what is held meanwhile.
        let before = shed(&inflated);
        let more = holding(&budget, MIB, MIB);
        assert!(!more.is_shed());
        assert_eq!(shed(&inflated), before);
    }

    #[test]
    fn a_flood_of_holders_stays_near_the_limit() {
        let budget = Budget::new(LIMIT);
        let echo = holding(&budget, 300 << 10, 1_000);
        let mut shares = Vec::new();
        for _ in 0..1_000 {
            let share = Share::new(&budget, Waker::noop().clone());
            for step in 1..=16 {
                share.set(Held::own(step * MIB), 16 << 10);
                if share.is_shed() {
                    break;
                }
            }
            // One that was chosen while it waited ends later; here, with the last one.
            if !share.is_shed() {
                shares.push(share);
            }
            assert!(budget.held() <= LIMIT + 16 * MIB, "{} MiB", budget.held() / MIB);
        }
        assert!(!echo.is_shed());
    }

    #[test]
    fn who_holds_what_others_hold_is_chosen_for_it() {
        let budget = Budget::new(LIMIT);
        let payload = budget.charged(vec![0; LIMIT - MIB], 0);
        let shared = Held { own: 0, shared: payload.len(), portion: payload.len() / 4 };
        let members = (0..4)
            .map(|_| {
                let share = Share::new(&budget, Waker::noop().clone());
                share.set(shared, 100);
                share
            })
            .collect::<Vec<_>>();
        let upload = holding(&budget, 2 * MIB, 2 * MIB);
        assert_eq!((shed(&members), upload.is_shed()), (1, false));
        drop(members);
        drop(payload);
        assert_eq!(budget.held(), 2 * MIB);
    }

    #[test]
    fn all_are_woken_once_when_memory_becomes_short() {
        let budget = Budget::new(LIMIT);
        let woken = Arc::new(Count::default());
        let idle = Share::new(&budget, Arc::clone(&woken).into());
        idle.set(Held::own(MIB), MIB);
        let large = holding(&budget, LIMIT / 2, LIMIT);
        assert_eq!((budget.is_short(), woken.0.load(Relaxed)), (false, 0));
        for more in 1..4 {
            large.set(Held::own(LIMIT / 4 * 3 + more), LIMIT);
        }
        assert_eq!((budget.is_short(), woken.0.load(Relaxed)), (true, 1));
        large.set(Held::own(LIMIT / 2), LIMIT);
        assert!(!budget.is_short());
    }
}
