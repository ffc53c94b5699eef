//! The status as a page: rendered here, no scripts, everything escaped.

use jiff::Timestamp;
use magnetiq_backup::Entry;
use maud::{DOCTYPE, Markup, html};

use crate::status::{Backup, State, Status};
use crate::{list, text};

pub(crate) const STYLE: &str = "\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem }
.ok { color: light-dark(#14692f, #6bd08b) } .bad { color: light-dark(#a3161c, #ff8f8f) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem } dt { opacity: .7 } dd { margin: 0 }
.wide { overflow-x: auto } table { border-collapse: collapse } th, td { text-align: left; padding: .25rem 1rem .25rem 0; white-space: nowrap }
";

pub(crate) fn page(status: &Status, entries: &[Entry]) -> Markup {
    let now = status.at;
    let (class, said) = in_words(status.state);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta http-equiv="refresh" content="30";
                title { "Backups: " (said) }
                link rel="stylesheet" href="style.css";
            }
            body {
                h1 { "Backups: " span class=(class) { (said) } }
                dl { (facts(status)) }
                @if let Some(run) = &status.last_run {
                    @for problem in &run.problems { p class="bad" { (problem) } }
                }
                @if entries.is_empty() { p { "There are no backups yet." } } @else { (table(entries, now)) }
                p { "To restore, on the server: " code { "backupd restore latest --plan" } }
            }
        }
    }
}

fn in_words(state: State) -> (&'static str, &'static str) {
    match state {
        State::Ok => ("ok", "all is well"),
        State::Late => ("bad", "the last one is missing"),
        State::Failed => ("bad", "the last one failed"),
        State::None => ("bad", "none that is proven"),
    }
}

fn facts(status: &Status) -> Markup {
    let now = status.at;
    let moment = |at: Option<Timestamp>| at.map_or("never".to_owned(), |at| format!("{} ({} ago)", text::moment(at), text::age(at, now)));
    let newest = |backup: Option<&Backup>| moment(backup.map(|backup| backup.created_at));
    html! {
        @if let Some(running) = &status.running {
            dt { "running" } dd { (running.reason) " since " (text::moment(running.since)) ": " (running.step) @if running.stuck { ", longer than its limit" } }
        }
        dt { "newest proven" } dd { (newest(status.newest_proven.as_ref())) }
        dt { "newest" } dd { (newest(status.newest.as_ref())) }
        dt { "next" } dd { (status.next_run_at.map_or("never".to_owned(), text::moment)) " (" (status.schedule) ")" }
        dt { "integrity check" } dd { (moment(status.last_integrity_check_at)) }
        dt { "restore drill" } dd { (moment(status.last_drill_at)) }
        @if let Some(problem) = &status.drill_problem { dt { "last drill" } dd class="bad" { "failed: " (problem) } }
        dt { "archives" } dd { (status.backups.all) ", " (text::size(status.size_bytes)) }
        @for target in &status.targets {
            dt { "at " (target.name) } dd { (target.copies) " copies, newest " (moment(target.newest_created_at)) }
        }
        dt { "program" } dd { "backupd " (status.version) }
    }
}

fn table(entries: &[Entry], now: Timestamp) -> Markup {
    html! {
        div.wide { table {
            tr { th { "backup" } th { "age" } th { "size" } th { "why" } th { "state" } th { "proof" } th { "also at" } }
            @for entry in entries {
                tr {
                    td { (entry.id) } td { (text::age(entry.created_at(), now)) } td { (text::size(entry.size_bytes())) }
                    td { (entry.record.summary.reason) } td { (list::state(entry)) } td { (list::proof(entry, now)) }
                    td { @for copy in &entry.record.copies { (copy.target) " " } }
                }
            }
        } }
    }
}
