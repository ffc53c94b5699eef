//! What is due each day, week, month and quarter: what runs by itself, with the day on which it last did, and what people do.

mod done;
mod items;
mod last;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use magnetiq_config::{Problems, Settings};
use magnetiq_doctor::{Finding, Outcome, Seen};
use magnetiq_service::ResultExt;
use serde_json::json;

use super::site::Site;
use items::{By, ITEMS, Item};
use last::{Gap, Last};

/// An item, and how it stands.
#[derive(Debug)]
struct Standing {
    item: &'static Item,
    last: Last,
    due: bool,
}

impl Standing {
    /// Nobody knows, where somebody could.
    fn unreadable(&self) -> Option<&str> {
        match &self.last {
            Err(Gap::Unreadable(why)) => Some(why),
            _ => None,
        }
    }

    fn word(&self) -> &'static str {
        match &self.last {
            Err(Gap::Off(_)) => "off",
            Err(Gap::Elsewhere(_) | Gap::Unreadable(_)) => "??",
            Ok(_) if self.due => "DUE",
            Ok(_) => "ok",
        }
    }

    fn last(&self) -> String {
        match &self.last {
            Ok(Some(last)) => last.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            Ok(None) => "never".to_owned(),
            Err(Gap::Off(why)) => (*why).to_owned(),
            Err(Gap::Elsewhere(why) | Gap::Unreadable(why)) => why.clone(),
        }
    }
}

/// Prints the schedule. The code is 1 where something is due, or what tells can not be read. What is told at another place is no failure: with
/// containers that is so for ever.
pub(super) fn print(settings: Result<Settings, Problems>, is_json: bool) -> ExitCode {
    let settings = match settings {
        Ok(settings) => settings,
        Err(problems) => return magnetiq_service::report(Err(problems.into())),
    };
    let site = Site::new(settings);
    let standing = standing(&site);
    let text = if is_json { json(&site, &standing) } else { text(&site, &standing) };
    // A pager that was closed early is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if standing.iter().any(|standing| standing.due || standing.unreadable().is_some()) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Writes down that somebody did it now.
pub(super) fn done(settings: Result<Settings, Problems>, name: &str) -> ExitCode {
    magnetiq_service::report(settings.map_err(Into::into).and_then(|settings| note(&Site::new(settings), name)))
}

fn note(site: &Site, name: &str) -> anyhow::Result<()> {
    let by_people = || ITEMS.iter().filter(|item| matches!(item.by, By::People));
    let names = || by_people().map(|item| item.name).collect::<Vec<_>>().join(", ");
    let item = ITEMS.iter().find(|item| item.name == name);
    match item {
        None => Err(anyhow::anyhow!("there is nothing called {name:?} on the checklist")).hint(format!("what people do: {}", names())),
        Some(Item { by: By::Itself(..), .. }) => Err(anyhow::anyhow!("{name} is done by the programs, which write it down themselves"))
            .hint(format!("what people do: {}", names())),
        Some(item) => {
            done::note(&site.beside(done::SUFFIX), item.name, site.clock.now().wall).hint("check who owns the folder of the database")
        }
    }
}

/// For the doctor: what is overdue.
pub(super) fn look(site: &Site) -> Outcome {
    let standing = standing(site);
    let due = standing.iter().filter(|standing| standing.due).map(|standing| {
        let Item { name, what, .. } = standing.item;
        let seen = format!("{name} is due ({}): {what}, last {}", standing.item.every.word(), standing.last());
        let command = match standing.item.by {
            By::Itself(..) => standing.item.how(site),
            By::People => format!("{}\napi-server doctor --done {name}", standing.item.how(site)),
        };
        Finding::warning(seen, standing.item.why).command(command)
    });
    let count = standing.iter().filter(|standing| standing.due).count();
    let unreadable: BTreeSet<&str> = standing.iter().filter_map(Standing::unreadable).collect();
    let unreadable = unreadable.into_iter().map(|why| {
        Finding::warning(format!("nobody knows what is due: {why}"), "What was forgotten is not told.")
            .advice("It may be asked by the wrong user: ask as the one who runs the programs.")
            .command("api-server doctor --only folders,database,backups")
    });
    Seen::saying(format!("{} things to do regularly, {count} due", standing.len())).with_all(due).with_all(unreadable).into()
}

fn standing(site: &Site) -> Vec<Standing> {
    let now = site.clock.now().wall;
    let (begun, written) = (last::begun(site), last::written(site));
    let of_item = |item: &'static Item| {
        let last = match item.by {
            By::Itself(daemon) => (daemon.last)(site),
            By::People => written.clone().and_then(|written| last::by_people(site, item.name, written.get(item.name).copied())),
        };
        // A new site has time for everything.
        let (last, since) = match last {
            Ok(None) => (begun.clone().map(|_| None), begun.clone().ok().flatten()),
            last => (last.clone(), last.ok().flatten()),
        };
        let due = since.is_some_and(|since| now.duration_since(since) > item.period(&site.settings));
        Standing { item, last, due }
    };
    ITEMS.iter().map(of_item).collect()
}

fn text(site: &Site, all: &[Standing]) -> String {
    let mut text = String::new();
    let mut every = "";
    for standing in all {
        let Item { name, what, by, .. } = standing.item;
        if every != standing.item.every.word() {
            every = standing.item.every.word();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}{every}", if text.is_empty() { "" } else { "\n" });
        }
        let _ = writeln!(text, "  {:<3}  {name:<12}  {what}", standing.word());
        let _ = writeln!(text, "       {:<12}  last: {}; {}", "", standing.last(), by.words());
        let _ = writeln!(text, "       {:<12}  $ {}", "", standing.item.how(site).replace('\n', "\n                      $ "));
    }
    let _ = writeln!(text, "\nwhat people did is written down with: api-server doctor --done NAME");
    text
}

fn json(site: &Site, all: &[Standing]) -> String {
    let entry = |standing: &Standing| {
        json!({
            "name": standing.item.name,
            "every": standing.item.every.word(),
            "what": standing.item.what,
            "why": standing.item.why,
            "by": standing.item.by.name(),
            "last_at": standing.last.as_ref().ok(),
            "off": matches!(standing.last, Err(Gap::Off(_))).then(|| standing.last()),
            "unknown": matches!(standing.last, Err(Gap::Elsewhere(_) | Gap::Unreadable(_))).then(|| standing.last()),
            "due": standing.due,
            "how": standing.item.how(site),
        })
    };
    format!("{:#}\n", all.iter().map(entry).collect::<serde_json::Value>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_come_in_the_order_of_how_often() {
        let names: std::collections::BTreeSet<&str> = ITEMS.iter().map(|item| item.name).collect();
        assert_eq!(names.len(), ITEMS.len());
        assert!(ITEMS.is_sorted_by_key(|item| item.every.hours()));
        assert!(ITEMS.iter().all(|item| item.name.len() <= 12));
    }
}
