//! The last lines of the log, in memory: what an operator sees without a shell, wherever the log itself goes.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Lines that are kept, and of warnings and errors again as many: those are not to be pushed out by what goes well.
const KEPT: usize = 200;
/// Of a longer line the beginning is kept.
const LINE_BYTES: usize = 4 << 10;

/// The last lines of the log. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct RecentLines(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    all: VecDeque<Vec<u8>>,
    problems: VecDeque<Vec<u8>>,
}

impl RecentLines {
    /// The last lines, oldest first, without colours; `problems`: of warnings and errors only.
    pub fn get(&self, problems: bool) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = if problems { &lines.problems } else { &lines.all };
        let text = |line: &Vec<u8>| anstream::adapter::strip_str(&String::from_utf8_lossy(line)).to_string();
        wanted.iter().map(text).collect()
    }

    /// Each line of the log comes by here, those of all workers: it is copied, and looked at only when somebody wants it.
    fn add(&self, line: &[u8], is_problem: bool) {
        let line = line[..line.len().min(LINE_BYTES)].trim_ascii_end();
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_problem {
            push(&mut lines.problems, line);
        }
        push(&mut lines.all, line);
    }
}

fn push(lines: &mut VecDeque<Vec<u8>>, line: &[u8]) {
    let mut kept = if lines.len() >= KEPT { lines.pop_front() } else { None }.unwrap_or_default();
    kept.clear();
    kept.extend_from_slice(line);
    lines.push_back(kept);
}

/// Takes the line of one event.
#[derive(Debug)]
pub struct Line<'a> {
    lines: &'a RecentLines,
    is_problem: bool,
}

impl<'a> MakeWriter<'a> for RecentLines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { lines: self, is_problem: false }
    }

    fn make_writer_for(&'a self, about: &Metadata<'_>) -> Self::Writer {
        Line { lines: self, is_problem: *about.level() <= Level::WARN }
    }
}

impl io::Write for Line<'_> {
    /// A whole line, as the log writes them.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.is_problem);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::fmt;

    use super::*;

    #[test]
    fn problems_stay_beside_many_lines_that_are_none() {
        let recent = RecentLines::default();
        let subscriber = fmt().with_ansi(true).without_time().with_writer(recent.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!("the disk is nearly full");
            for number in 0..KEPT {
                tracing::info!(number, "a request");
            }
        });
        let (all, problems) = (recent.get(false), recent.get(true));
        assert_eq!((all.len(), problems.len()), (KEPT, 1));
        assert!(all[KEPT - 1].ends_with("a request number=199"), "{:?}", all[KEPT - 1]);
        assert!(problems[0].contains("WARN") && problems[0].ends_with("the disk is nearly full"), "{problems:?}");
        assert!(!problems[0].contains('\u{1b}'));
    }
}
