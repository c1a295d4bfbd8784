//! The lives of this machine since the program began: who it is now, and who it was before.
//!
//! Whoever asks holds a reference, so nothing is taken away: a new life is put behind the last.

use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use journal::{Binding, BindingState, LogName};
use store::StoreState;

use super::Desk;
use crate::identity::{Identity, IdentityError};
use crate::projector::Records;

/// The lives, from the one in which the program began to the present one.
#[derive(Debug)]
pub(super) struct Lives {
    first: Life,
    /// Held by every request while it works, so that a record is read and written in one life.
    still: RwLock<()>,
}

#[derive(Debug)]
struct Life {
    identity: Identity,
    log: LogName,
    next: OnceLock<Box<Self>>,
}

impl Life {
    fn new(identity: Identity) -> Self {
        Self { log: identity.site_log(), identity, next: OnceLock::new() }
    }
}

impl Lives {
    pub(super) fn new(identity: Identity) -> Self {
        Self { first: Life::new(identity), still: RwLock::new(()) }
    }

    /// Returns who the machine is.
    pub(super) fn identity(&self) -> &Identity {
        &self.last().identity
    }

    /// Returns the log for records of its site.
    pub(super) fn log(&self) -> &LogName {
        &self.last().log
    }

    /// Keeps the machine who it is for as long as the guard is held.
    pub(super) fn still(&self) -> RwLockReadGuard<'_, ()> {
        self.still.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody reads or writes, and keeps it so for as long as the guard is held.
    fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.still.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a life. Only one exchange runs at a time, so nobody else begins one meanwhile.
    fn begin(&self, identity: Identity) {
        let _put = self.last().next.set(Box::new(Life::new(identity)));
    }

    fn last(&self) -> &Life {
        let mut life = &self.first;
        while let Some(next) = life.next.get() {
            life = next;
        }
        life
    }
}

impl Desk {
    /// Goes by what the hub says of this device now: another site, sites that merged into its own,
    /// another name. Returns who it is from now on, if that is something else than before.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if the disk fails; it is tried again at the next contact.
    pub fn follow_binding(&self) -> Result<Option<Identity>, IdentityError> {
        if matches!(self.store.state(), StoreState::Rebuilding) {
            return Ok(None); // What the hub says can't be read yet; there is a next contact.
        }
        let before = self.identity();
        let records = Records(&self.reader);
        let binding = records.binding_at(&before.device(), &before.enrolment.site)?;
        // Most contacts bring nothing new, and none of those makes anybody wait.
        let is_news =
            |binding: &Binding| binding.state == BindingState::Active && !before.is_as(binding);
        let Some(binding) = binding.filter(is_news) else { return Ok(None) };
        let _alone = self.lives.alone();
        let Some(next) = before.bound(&self.store, &binding)? else { return Ok(None) };
        let (site, epoch) = (&next.enrolment.site, next.epoch);
        tracing::info!(%site, %epoch, "the hub says where this machine belongs: it goes by that");
        self.lives.begin(next.clone());
        Ok(Some(next))
    }

    /// Opens the device's next epoch: the hub holds entries of the present one that are not here.
    /// Returns who the machine is from now on.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if the disk fails; it is tried again at the next contact.
    pub fn heal(&self) -> Result<Identity, IdentityError> {
        let _alone = self.lives.alone();
        let next = self.identity().next_epoch(&self.store)?;
        self.lives.begin(next.clone());
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use crate::desk::tests::Machine;
    use crate::request::Request;

    #[test]
    fn a_check_of_everything_goes_on_while_a_new_life_waits() {
        let machine = Machine::new();
        let desk = machine.shared();
        let (done, is_done) = channel();
        thread::scope(|scope| {
            let someone_reads = desk.lives.still();
            let healing = scope.spawn(|| desk.heal());
            while desk.lives.still.try_read().is_ok() {
                thread::yield_now(); // Until the new life waits, which lets nobody else begin.
            }
            scope.spawn(|| done.send(desk.execute(Request::Verify).is_ok()));
            let checked = is_done.recv_timeout(Duration::from_secs(20));
            drop(someone_reads);
            assert_eq!(checked, Ok(true));
            assert_ne!(healing.join().unwrap().unwrap().epoch, desk.lives.first.identity.epoch);
        });
    }
}
