//! Interfaces that come up: the kernel says so at once, and then it is worth trying at once.
//!
//! Linux tells over a netlink socket; where there is none, whoever waits for the timer still syncs.
//! A link that comes and goes wakes nobody more often than [`GAP`], and the loopback never does.

mod picture;

use std::io;
use std::time::Duration;

use rustix::io::Errno;
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
use tokio::net::UnixDatagram;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use self::picture::{Heard, Picture, Question};
use super::SyncHandle;
use crate::limits::NEWS_BYTES_MAX;

/// How long it has to be quiet after an interface came up: its address and routes follow.
const SETTLE: Duration = Duration::from_secs(1);

/// How long to wait for that quiet.
const SETTLE_MAX: Duration = Duration::from_secs(5);

/// How long the next interface that comes up waits after one that was acted on.
const GAP: Duration = Duration::from_secs(30);

/// The groups of news to hear: links, and addresses of both families.
const GROUPS: u32 = 0x1 | 0x10 | 0x100;

/// Watches the interfaces and starts an exchange when one comes up, for as long as it runs.
pub async fn watch_interfaces(link: SyncHandle) {
    let ended = async {
        let mut interfaces = Interfaces::open().await?;
        loop {
            interfaces.next_up().await?;
            // More news while it settles is part of the same coming up.
            let quiet = async {
                while let Ok(news) = timeout(SETTLE, interfaces.hear()).await {
                    news?;
                }
                io::Result::Ok(())
            };
            if let Ok(heard) = timeout(SETTLE_MAX, quiet).await {
                heard?;
            }
            info!("an interface came up: an exchange begins");
            link.came_up();
            sleep(GAP).await;
        }
    };
    let ended: io::Result<()> = ended.await;
    if let Err(error) = ended {
        warn!(%error, "interfaces can't be watched; exchanges begin by the timer");
    }
}

/// The kernel's news of interfaces, and what is known of them.
struct Interfaces {
    /// Datagrams without an address of theirs: the runtime's type for local ones fits.
    socket: UnixDatagram,
    picture: Picture,
    buffer: Vec<u8>,
}

impl Interfaces {
    async fn open() -> io::Result<Self> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        // The protocol that is meant where none is named tells of links and addresses.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        let (picture, buffer) = (Picture::default(), vec![0; NEWS_BYTES_MAX]);
        let interfaces = Self { socket: UnixDatagram::from_std(socket.into())?, picture, buffer };
        // What is up already is no news.
        interfaces.ask(Question::Links).await?;
        Ok(interfaces)
    }

    async fn ask(&self, question: Question) -> io::Result<()> {
        self.socket.send(&question.bytes()).await.map(|_sent| ())
    }

    /// Returns when an interface came up.
    async fn next_up(&mut self) -> io::Result<()> {
        while self.hear().await? != Heard::Up {}
        Ok(())
    }

    /// Waits for a piece of news.
    async fn hear(&mut self) -> io::Result<Heard> {
        let length = match self.socket.recv(&mut self.buffer).await {
            Ok(length) => length,
            // News came faster than it was read: something happened, and nobody knows what.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::NOBUFS) => {
                return Ok(Heard::Up);
            }
            Err(error) => return Err(error),
        };
        let heard = self.picture.hear(self.buffer.get(..length).unwrap_or_default());
        if let Heard::Answered(Some(next)) = heard {
            self.ask(next).await?;
        }
        Ok(heard)
    }
}
