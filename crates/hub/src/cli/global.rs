//! The flags every command takes, and the hub they lead to.

use std::path::PathBuf;

use clap::Args;
use journal::Lane;
use record::Language;

use crate::config::Config;
use crate::failure::Failure;
use crate::fold;
use crate::open::open;
use crate::read;
use crate::truth::Truth;

/// The flags every command takes, before or after its name.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", env = "ASHUU_HUB_CONFIG")]
    config: Option<PathBuf>,
    /// The data directory; wins over the configuration.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Machine output on stdout; words go to stderr.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The language of words; what has no words in it yet is said in English.
    #[arg(long, global = true, value_name = "LANG")]
    #[arg(value_parser = ["en", "ru", "ky"])]
    lang: Option<String>,
}

impl Global {
    /// Reads the configuration.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(self.config.as_deref(), self.data.as_deref())?)
    }

    /// Returns the language of words: as asked, as the system says, or English.
    pub(crate) fn language(&self) -> Language {
        let system = || std::env::var("LANG").unwrap_or_default();
        let asked = self.lang.clone().unwrap_or_else(system);
        match asked.get(..2) {
            Some("ru") => Language::Ru,
            Some("ky") => Language::Ky,
            Some(_) | None => Language::En,
        }
    }

    /// Opens the hub with its views folded as far as the logs reach, for what is read of all sites.
    pub(crate) async fn open(&self) -> Result<Truth, Failure> {
        let truth = open(&self.config()?).await?;
        fold::catch_up(&truth).await?;
        Ok(truth)
    }

    /// Opens the hub for what hangs on institutions, devices and forms: no site's backlog is waited
    /// for.
    pub(crate) async fn open_for_everyone(&self) -> Result<Truth, Failure> {
        let truth = open(&self.config()?).await?;
        fold::catch_up_lane(&truth, &Lane::Everyone).await?;
        Ok(truth)
    }

    /// Opens the hub for one record: if its name says its site, no other site's backlog is waited
    /// for.
    pub(crate) async fn open_for_record(&self, name: &str) -> Result<Truth, Failure> {
        let Some(site) = read::site_in(name) else { return self.open().await };
        let truth = open(&self.config()?).await?;
        fold::catch_up_lane(&truth, &Lane::Site(site)).await?;
        Ok(truth)
    }
}
