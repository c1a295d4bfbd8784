//! What the hub says of this device later than at its enrolment: it moved, or sites merged.

use journal::Binding;
use store::Store;

use super::{Enrolment, Identity, IdentityError};

impl Identity {
    /// Whether the hub says of this device what it knows already.
    #[must_use]
    pub fn is_as(&self, binding: &Binding) -> bool {
        self.enrolled_as(binding) == self.enrolment
    }

    /// Goes by what the hub says of this device; `None` if nothing of it is new.
    ///
    /// At another site, or with sites that merged into its own, the device opens its next epoch:
    /// the first entry of each epoch says whose records its changes may be of. When this returns
    /// that entry is durable.
    ///
    /// # Errors
    ///
    /// Returns [`IdentityError`] if it can't be kept.
    pub fn bound(&self, store: &Store, binding: &Binding) -> Result<Option<Self>, IdentityError> {
        if self.is_as(binding) {
            return Ok(None);
        }
        let (before, enrolment) = (&self.enrolment, self.enrolled_as(binding));
        let is_elsewhere =
            enrolment.site != before.site || enrolment.predecessors != before.predecessors;
        if !is_elsewhere {
            Self::enrolled(store, &enrolment)?;
            return Ok(Some(Self { enrolment, ..self.clone() }));
        }
        // The epoch first: were the power to go between the two, the next start would open one
        // more epoch, and no log would begin at two sites.
        let epoch = Self::fresh_epoch(store)?;
        Self::enrolled(store, &enrolment)?;
        let next = Self { epoch, enrolment, ..self.clone() };
        next.open_log(store)?;
        Ok(Some(next))
    }

    fn enrolled_as(&self, binding: &Binding) -> Enrolment {
        let Binding { site, predecessors, name, letter, publishes, .. } = binding.clone();
        Enrolment { site, predecessors, name, letter, publishes, ..self.enrolment.clone() }
    }
}

#[cfg(test)]
mod tests;
