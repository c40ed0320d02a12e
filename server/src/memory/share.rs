//! Share of one connection in the memory held.

use std::{sync::Arc, task::Waker};

use super::{
    account::{Account, Held},
    budget::Budget,
};

/// Share of a connection, until dropped. One pointer: most connections have none.
#[derive(Debug)]
pub(crate) struct Share(Box<Parts>);

/// Parts of a share, boxed.
#[derive(Debug)]
struct Parts {
    budget: Arc<Budget>,
    account: Arc<Account>,
}

impl Share {
    /// Creates a share that holds nothing yet. `waker` is that of the connection's task.
    pub(crate) fn new(budget: &Arc<Budget>, waker: Waker) -> Self {
        let account = Arc::new(Account::new(waker));
        budget.register(&account);
        Self(Box::new(Parts { budget: Arc::clone(budget), account }))
    }

    /// Sets the memory held, for a peer that has sent `received` bytes.
    pub(crate) fn set(&self, held: Held, received: usize) {
        let Parts { budget, account } = &*self.0;
        let before = account.set(held, received);
        if held.own > before {
            budget.charge(held.own - before);
            budget.check_growth(account);
        } else if held.own < before {
            budget.release(before - held.own);
        }
    }

    /// True if nothing is held.
    pub(crate) fn is_nothing(&self) -> bool {
        self.0.account.is_nothing()
    }

    /// True if the connection is shed: it is to free its memory, and to end.
    pub(crate) fn is_shed(&self) -> bool {
        self.0.account.is_shed()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Parts { budget, account } = &*self.0;
        budget.release(account.own());
        budget.remove(account);
    }
}
