//! The one place where bytes of the journal and of local files are made ready for the disk.
//!
//! Today that is a checksum bound to the place, so that neither rot nor bytes from elsewhere are
//! taken for what was written. Encryption at rest belongs here and nowhere else.

/// Where sealed bytes stand; they can be opened nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    /// An item of a segment, at `offset`, in the group commit that began at `batch`.
    Item { segment: u32, offset: u64, batch: u64 },
    /// A file of its own, by its name in its area.
    File(&'a str),
}

/// Bytes that sealing adds.
pub(crate) const SEAL_BYTES: usize = 8;

/// Appends the sealed form of `body` to `out`.
pub(crate) fn seal(place: Place<'_>, body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&checksum(place, body));
    out.extend_from_slice(body);
}

/// Returns what was sealed, if it was sealed for this place and is unaltered.
pub(crate) fn unseal<'a>(place: Place<'_>, sealed: &'a [u8]) -> Option<&'a [u8]> {
    let (found, body) = sealed.split_first_chunk::<SEAL_BYTES>()?;
    (*found == checksum(place, body)).then_some(body)
}

fn checksum(place: Place<'_>, body: &[u8]) -> [u8; SEAL_BYTES] {
    let mut hasher = blake3::Hasher::new();
    match place {
        Place::Item { segment, offset, batch } => {
            hasher.update(&[1]).update(&segment.to_le_bytes());
            hasher.update(&offset.to_le_bytes()).update(&batch.to_le_bytes());
        }
        Place::File(name) => {
            hasher.update(&[2]).update(name.as_bytes()).update(&[0]);
        }
    }
    hasher.update(body);
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_open_at_their_place_only_and_unaltered() {
        let here = Place::Item { segment: 1, offset: 2, batch: 0 };
        let mut sealed = Vec::new();
        seal(here, b"body", &mut sealed);
        assert_eq!(unseal(here, &sealed), Some(b"body".as_slice()));
        assert_eq!(unseal(Place::Item { segment: 1, offset: 3, batch: 0 }, &sealed), None);
        assert_eq!(unseal(Place::File("body"), &sealed), None);
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal(here, &altered), None);
        }
    }
}
