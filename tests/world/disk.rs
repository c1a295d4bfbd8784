//! A disk that keeps what was committed and forgets the rest.

/// Something on a disk: as programs see it now, and as a restart would find it.
#[derive(Clone, Debug)]
pub(crate) struct Disk<T> {
    now: T,
    durable: T,
}

impl<T: Clone> Disk<T> {
    pub(crate) fn new(first: T) -> Self {
        Self { now: first.clone(), durable: first }
    }

    pub(crate) const fn now(&self) -> &T {
        &self.now
    }

    pub(crate) const fn durable(&self) -> &T {
        &self.durable
    }

    /// Writes; lost at a restart unless [`Disk::commit`] follows.
    pub(crate) const fn write(&mut self) -> &mut T {
        &mut self.now
    }

    pub(crate) fn commit(&mut self) {
        self.durable = self.now.clone();
    }

    pub(crate) fn restart(&mut self) {
        self.now = self.durable.clone();
    }

    /// Puts back an old copy of the disk.
    pub(crate) fn set_back(&mut self, copy: T) {
        self.durable = copy;
        self.restart();
    }
}
