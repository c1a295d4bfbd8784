//! Certificates that expired or soon will, of those for whom they are mandatory.

use pages::Lang;
use record::{DateTime, Held, RecordKey, Roll, SOON_DAYS};

use super::{Task, TaskKind};
use crate::desk::Desk;
use crate::desk::here::Here;
use crate::problem::Problem;
use crate::projector::{Records, Summary};

impl Desk {
    /// Returns the certificates of this site that expired, or expire soon.
    pub(super) fn certificates(
        &self,
        summaries: &[(RecordKey, Summary)],
        (lang, now): (Lang, DateTime),
    ) -> Result<Vec<Task>, Problem> {
        let Some(today) = now.date() else { return Ok(Vec::new()) };
        let (records, catalogue) = (Records(&self.reader), self.catalogue()?);
        let mut roll = Roll::default();
        let of_training =
            summaries.iter().filter(|(_key, summary)| Roll::FORMS.contains(&summary.form.as_str()));
        for (key, _summary) in of_training {
            if let Some(state) = records.state(key)? {
                roll.take(&state, &catalogue, &Here(&self.reader, &catalogue));
            }
        }
        let site = self.identity().enrolment.site.clone();
        let mut tasks = Vec::new();
        for cover in roll.coverage(today).into_iter().filter(|cover| cover.site == site) {
            let longest = SOON_DAYS.iter().copied().max().unwrap_or_default();
            let (end, overdue) = match cover.held {
                Held::Expired(end) => (end, true),
                Held::Until(end) if cover.held.ends_within(longest, today) => (end, false),
                Held::Until(_) | Held::Never | Held::ForGood => continue,
            };
            let key = RecordKey { site: cover.site, id: cover.person };
            let mut task = Task::about(&key, &self.summary(&key)?, TaskKind::Certificate);
            (task.due, task.overdue) = (Some(end.to_string()), overdue);
            task.what = Some(self.course(cover.course, &cover.code, lang)?);
            tasks.push(task);
        }
        Ok(tasks)
    }

    /// Returns what a course is called, with its code.
    fn course(&self, id: record::RecordId, code: &str, lang: Lang) -> Result<String, Problem> {
        let records = Records(&self.reader);
        let mut title = String::new();
        for key in records.with_id(id)? {
            if let Some(state) = records.state(&key)? {
                title = record::title(&state, &*self.catalogue()?, lang.into());
            }
        }
        Ok(format!("{code} {title}").trim_end().to_owned())
    }
}
