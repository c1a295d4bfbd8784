//! Bindings: what the hub says of a device, as a row here and as entries of its lanes.

use std::collections::BTreeMap;

use journal::{Binding, BindingState, Kind, Lane, SiteCode};

use super::{Device, DeviceState, list, next_letter, posts};
use crate::clock::Moment;
use crate::db::{self, Conn};
use crate::truth::{Fault, Truth, sites};

/// Lets a device in, as its binding says: a row here, an entry in the hub's lane of its site.
///
/// One that moves is told where it is going in the lane of the site where it was: there it looks.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn bind(
    truth: &Truth,
    conn: &mut Conn,
    binding: &Binding,
    now: Moment,
) -> Result<(), Fault> {
    let before = register(conn, binding, now).await?;
    let left = before.filter(|before| *before != binding.site);
    let sites = [Some(binding.site.clone()), left].into_iter().flatten();
    // What it publishes goes to all sites, so all must know its key.
    let everyone = binding.publishes.then_some(Lane::Everyone);
    for lane in sites.map(Lane::Site).chain(everyone) {
        let payload = (Kind::BINDING, binding.to_payload()?);
        truth.lanes.append(conn, &lane, vec![payload]).await?;
    }
    Ok(())
}

/// Writes down what a binding says of its device; returns the site where it was.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub(in crate::truth) async fn register(
    conn: &mut Conn,
    binding: &Binding,
    now: Moment,
) -> Result<Option<SiteCode>, Fault> {
    let (state, reason) = match &binding.state {
        BindingState::Active => ("active", None),
        BindingState::Revoked { reason } => ("revoked", Some(reason.as_str())),
    };
    let upsert = "INSERT INTO device \
                  (key, name, letter, site, publishes, state, reason, enrolled_ms, enrolled_clock) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (key) DO UPDATE SET \
                  name = $2, letter = $3, site = $4, publishes = $5, state = $6, reason = $7, \
                  enrolled_ms = CASE WHEN device.state = 'waiting' THEN $8 \
                  ELSE device.enrolled_ms END, \
                  enrolled_clock = CASE WHEN device.state = 'waiting' THEN $9 \
                  ELSE device.enrolled_clock END";
    db::query(upsert)
        .bind(binding.device.0.as_slice())
        .bind(&binding.name)
        .bind(&binding.letter)
        .bind(binding.site.as_str())
        .bind(binding.publishes)
        .bind(state)
        .bind(reason)
        .bind(now.ms)
        .bind(now.clock())
        .execute(&mut *conn)
        .await?;
    Ok(posts::note(conn, binding, now.ms).await?.map(|before| before.post.site))
}

/// Returns what the hub says of a device that was let in, as things stand; none while it waits.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be read.
pub async fn binding(conn: &mut Conn, device: &Device) -> Result<Option<Binding>, Fault> {
    let Some(site) = device.site.clone() else { return Ok(None) };
    let state = match &device.state {
        DeviceState::Active => BindingState::Active,
        DeviceState::Revoked { reason } => BindingState::Revoked { reason: reason.clone() },
        DeviceState::Waiting => return Ok(None),
    };
    let card = sites::find(conn, &site).await?;
    Ok(Some(Binding {
        device: device.key,
        name: device.name.clone(),
        letter: device.letter.clone(),
        predecessors: sites::predecessors(conn, &site).await?,
        publishes: card.as_ref().map_or(device.publishes, sites::publishes),
        site,
        state,
    }))
}

/// Tells every device let in whose site was merged, or now publishes, how things stand.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn tell_of_sites(
    truth: &Truth,
    conn: &mut Conn,
    now: Moment,
) -> Result<Vec<Device>, Fault> {
    let posts = posts::present(conn).await?;
    let (mut told, mut sites) = (Vec::new(), BTreeMap::new());
    for device in list(conn).await?.into_iter().filter(|one| one.state == DeviceState::Active) {
        let Some(site) = &device.site else { continue };
        if !sites.contains_key(site) {
            let card = sites::find(conn, site).await?;
            let predecessors = sites::predecessors(conn, site).await?;
            sites.insert(site.clone(), (predecessors, card.as_ref().map(sites::publishes)));
        }
        let same = |last: &posts::Posting| {
            sites.get(site).is_some_and(|(predecessors, publishes)| {
                last.post.predecessors == *predecessors
                    && last.everyone == publishes.unwrap_or(device.publishes)
            })
        };
        if posts.get(&device.key).is_some_and(same) {
            continue;
        }
        if let Some(binding) = binding(conn, &device).await? {
            bind(truth, conn, &binding, now).await?;
            told.push(device);
        }
    }
    Ok(told)
}

/// Moves a device to another site; it learns of it at its next contact.
///
/// # Errors
///
/// Returns [`Fault`] if the database can't be written.
pub async fn move_to(
    truth: &Truth,
    conn: &mut Conn,
    device: Device,
    site: &SiteCode,
) -> Result<Option<Binding>, Fault> {
    let postings = posts::of(conn, &device.key).await?;
    let letter = match postings.into_iter().find(|posting| posting.post.site == *site) {
        Some(before) => before.letter, // Its next epoch adds a number to it.
        None => next_letter(conn, site).await?,
    };
    let moved = Device { site: Some(site.clone()), letter, ..device };
    let Some(binding) = binding(conn, &moved).await? else { return Ok(None) };
    bind(truth, conn, &binding, truth.clock.now()).await?;
    Ok(Some(binding))
}
