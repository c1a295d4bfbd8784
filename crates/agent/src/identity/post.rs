//! What the hub says of this device later than at its enrolment: it moved, or sites merged.

use journal::Binding;
use store::Store;

use super::{Enrolment, Identity, IdentityError};

impl Identity {
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
        let Binding { site, predecessors, name, letter, publishes, .. } = binding.clone();
        let before = &self.enrolment;
        let is_elsewhere = site != before.site || predecessors != before.predecessors;
        let enrolment = Enrolment { site, predecessors, name, letter, publishes, ..before.clone() };
        if enrolment == *before {
            return Ok(None);
        }
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
}

#[cfg(test)]
mod tests;
