//! How far a long operation is, on standard error.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use magnetiq_backup::{Progress, Step};

use crate::text;

/// A bar on a terminal; elsewhere a line in the log now and then, so that a log does not fill up and yet shows life.
pub(crate) struct Shown {
    bar: Option<ProgressBar>,
    said: Instant,
    step: Option<Step>,
}

const BETWEEN_LINES: Duration = Duration::from_secs(10);

impl Shown {
    pub(crate) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| ProgressBar::new(0).with_style(style(false)));
        Self { bar, said: Instant::now(), step: None }
    }

    pub(crate) fn report(&mut self, progress: Progress) {
        match &self.bar {
            Some(bar) => {
                if self.step.replace(progress.step) != Some(progress.step) {
                    bar.set_style(style(progress.total_bytes > 0));
                    bar.reset_eta();
                }
                bar.set_length(progress.total_bytes);
                bar.set_position(progress.done_bytes);
                bar.set_message(line(&progress));
            }
            None if self.said.elapsed() >= BETWEEN_LINES => {
                self.said = Instant::now();
                tracing::info!("{}", line(&progress));
            }
            None => {}
        }
    }

    /// Takes the bar away: what comes next is the answer.
    pub(crate) fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(with_bar: bool) -> ProgressStyle {
    let template = if with_bar { "{bar:24} {percent:>3} % {msg}" } else { "{spinner} {msg}" };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn line(progress: &Progress) -> String {
    let step = progress.step;
    if progress.done_bytes == 0 && progress.total_bytes == 0 {
        return format!("{step}, {}", text::duration(progress.elapsed));
    }
    let done = text::size(progress.done_bytes);
    let of = if progress.total_bytes > 0 { format!(" of {}", text::size(progress.total_bytes)) } else { String::new() };
    let rate = format!("{:.0} MB/s", progress.rate() / 1e6);
    let left = progress.left().map_or(String::new(), |left| format!(", {} left", text::duration(left)));
    format!("{step}: {done}{of}, {rate}{left}")
}
