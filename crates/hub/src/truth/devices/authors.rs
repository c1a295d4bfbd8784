//! Who else may have written what a device brings: what a hub lost comes back from whoever holds it.

use std::collections::BTreeMap;

use journal::{DeviceKey, SiteCode};
use protocol::{Author, Post};

use super::posts;
use crate::db::{self, Builder, Conn};
use crate::truth::{Fault, Truth, fault, sites};

/// Returns the hub, and the devices let in that belong or belonged to one of these sites, or publish
/// to all.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub(super) async fn of(
    truth: &Truth,
    conn: &mut Conn,
    sites: &[SiteCode],
) -> Result<BTreeMap<DeviceKey, Author>, Fault> {
    let publishing = publishing(conn).await?;
    let mut query = Builder::new(posts::COLUMNS);
    query.push(
        " WHERE device IN (SELECT d.key FROM device AS d WHERE d.state = 'active' AND (d.publishes \
         OR d.key IN (SELECT o.device FROM posting AS o WHERE o.site IN (",
    );
    let mut codes = query.separated();
    for site in sites {
        codes.push_bind(site.as_str());
    }
    query.push(")))) ORDER BY number DESC");
    let rows: Vec<posts::Columns> = query.build_as().fetch_all(&mut *conn).await?;
    let mut all: BTreeMap<DeviceKey, Vec<Post>> = BTreeMap::new();
    for row in rows {
        let (device, posting) = posts::read(row)?;
        all.entry(device).or_default().push(posting.post);
    }
    let mut merged = BTreeMap::new();
    let mut authors = BTreeMap::from([(truth.key(), Author::Hub)]);
    for (device, mut posts) in all {
        // The present site as it stands now, as for the device itself.
        if let Some(site) = posts.first().map(|post| post.site.clone()) {
            if !merged.contains_key(&site) {
                let predecessors = sites::predecessors(conn, &site).await?;
                merged.insert(site.clone(), predecessors);
            }
            let predecessors = merged.get(&site).cloned().unwrap_or_default();
            posts.insert(0, Post { site, predecessors });
        }
        let publishes = publishing.contains(&device);
        authors.insert(device, Author::Device { posts, publishes });
    }
    Ok(authors)
}

/// Returns the devices that publish to all.
async fn publishing(conn: &mut Conn) -> Result<Vec<DeviceKey>, Fault> {
    let select = "SELECT key FROM device WHERE publishes = TRUE AND state = 'active'";
    let keys: Vec<Vec<u8>> = db::query_scalar(select).fetch_all(conn).await?;
    keys.into_iter().map(|key| Ok(DeviceKey(fault::array("a device's key", key)?))).collect()
}
